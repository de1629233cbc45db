import type { Config } from '../../shared/config/config.ts';
import { createAccountFinder } from '../../shared/customers/channels/find-account.ts';
import { openChangeRefusals } from '../../shared/customers/messages/change-refusals.ts';
import { channelChanges } from '../channel/channel-endpoints.ts';
import { openCascadeParts } from './cascade-parts.ts';
import { openCustomerParts } from './customer-parts.ts';
import { openFoundation } from './foundation.ts';
import { serviceBusConnector } from './service-bus.ts';

/** What `openAppParts` opens. */
export type AppParts = Awaited<ReturnType<typeof openAppParts>>;

/** All parts of the app. Nothing is registered, connected, read or written yet. */
export async function openAppParts(config: Config) {
  const foundation = await openFoundation(config);
  const { storage, records, claims, newId, now } = foundation;
  const customerParts = openCustomerParts(foundation);
  const { channels, staging, customers, hqOperations, modes, cache, hq } = customerParts;
  const channelPorts = {
    ...{ channels, staging, customers, hqOperations, claims, newId, now, modes, cache, realTime: hq.realTime },
    findAccountId: createAccountFinder(records),
    downloadAtOnce: (channel: string, ids: readonly string[]) => hq.downloadJob.downloadAtOnce(channel, ids),
  };
  return {
    config,
    foundation,
    ...customerParts,
    ...(await openCascadeParts(foundation, config)),
    connectServiceBus: serviceBusConnector(config.serviceBusConnection),
    channelPorts,
    lists: channelChanges(channelPorts).lists,
    refusals: openChangeRefusals(storage),
  };
}
