import { createChangeLists } from '../../shared/customers/channel/change-list.ts';
import { createChannelChanges } from '../../shared/customers/channel/changes.ts';
import { createReservations } from '../../shared/customers/channel/customer-identity.ts';
import { createCustomerViews } from '../../shared/customers/channel/customer-views.ts';
import type { ChannelCustomers } from '../../shared/customers/channel/customers.ts';
import { createChannelOperations } from '../../shared/customers/channel/operations.ts';
import type { ChannelStore } from '../../shared/customers/channels/channels.ts';
import type { ChannelModes } from '../../shared/customers/configuration/channel-modes.ts';
import type { CsuCache } from '../../shared/customers/configuration/csu-cache.ts';
import type { HqOperations } from '../../shared/customers/ports.ts';
import type { RealTime } from '../../shared/customers/real-time/real-time.ts';
import type { Staging } from '../../shared/customers/staging/staging.ts';
import type { Claims } from '../../shared/http/claims.ts';
import type { Endpoint } from '../../shared/http/endpoint.ts';
import { changeAnswer } from './change-answer.ts';
import { createAddress } from './create-address.ts';
import { createCustomer } from './create-customer.ts';
import { deactivateAddress } from './deactivate-address.ts';
import { editAddress } from './edit-address.ts';
import { editCustomer } from './edit-customer.ts';
import { getChannel } from './get-channel.ts';
import { getChannelCustomer } from './get-channel-customer.ts';
import { getChannelOperation } from './get-channel-operation.ts';
import { listChannelCustomers } from './list-channel-customers.ts';
import { listChannels } from './list-channels.ts';
import { putChannel } from './put-channel.ts';
import { refreshCache } from './refresh-cache.ts';
import { removeAffiliation } from './remove-affiliation.ts';
import { removeAttribute } from './remove-attribute.ts';
import { removeContact } from './remove-contact.ts';
import { setAffiliation } from './set-affiliation.ts';
import { setAttribute } from './set-attribute.ts';
import { setContact } from './set-contact.ts';
import { submitChanges } from './submit-changes.ts';

/** What the channel side works with. */
export interface ChannelPorts {
  readonly channels: ChannelStore;
  readonly staging: Staging;
  readonly customers: ChannelCustomers;
  /** How far the channels' operations are at headquarters. */
  readonly hqOperations: HqOperations;
  /** The claims that the dispatcher uses too. */
  readonly claims: Claims;
  readonly modes: ChannelModes;
  readonly cache: Pick<CsuCache, 'drop'>;
  /** Headquarters, for what goes there at once. */
  readonly realTime: Pick<RealTime, 'send'>;
  readonly downloadAtOnce: (channel: string, customers: readonly string[]) => Promise<void>;
  /** Id of the live account that a GUID or account number stands for. */
  readonly findAccountId: (reference: string) => Promise<string | undefined>;
  /** Draws the id of a new customer. */
  readonly newId: () => string;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}

/** How a channel's changes are taken, whichever way they come. */
export function channelChanges(ports: ChannelPorts) {
  const { claims, customers, newId, now } = ports;
  const views = createCustomerViews(ports);
  const changes = createChannelChanges({ ...ports, views });
  const reserve = createReservations(newId, now);
  const lists = createChangeLists({ claims, changes, customers, reserve, answerOf: changeAnswer });
  return { views, changes, reserve, lists };
}

/** The endpoints of channels and of their customers, for the table of routes. */
export function channelEndpoints(ports: ChannelPorts): Endpoint[] {
  const { channels } = ports;
  const { views, changes, reserve, lists } = channelChanges(ports);
  const changing = { channels, changes, reserve };
  return [
    listChannels(ports),
    getChannel(ports),
    putChannel(ports),
    createCustomer(changing),
    editCustomer(changing),
    createAddress(changing),
    editAddress(changing),
    deactivateAddress(changing),
    setContact(changing),
    removeContact(changing),
    setAffiliation(changing),
    removeAffiliation(changing),
    setAttribute(changing),
    removeAttribute(changing),
    refreshCache(ports),
    submitChanges({ channels, lists }),
    listChannelCustomers({ ...ports, views }),
    getChannelCustomer({ ...ports, views }),
    getChannelOperation({ channels, operations: createChannelOperations(ports) }),
  ];
}
