import { createChannelDatabase } from '../../shared/customers/channel/channel-database.ts';
import { ChannelCustomers } from '../../shared/customers/channel/customers.ts';
import { openChannels } from '../../shared/customers/channels/channels.ts';
import { ChannelConfigurations } from '../../shared/customers/configuration/channel-configurations.ts';
import { createChannelModes } from '../../shared/customers/configuration/channel-modes.ts';
import { CsuCache } from '../../shared/customers/configuration/csu-cache.ts';
import { openFeatures } from '../../shared/customers/configuration/features.ts';
import { type HqServices, openHqServices } from '../../shared/customers/hq-services.ts';
import { Pipeline } from '../../shared/customers/pipeline/pipeline.ts';
import type { HqOperations } from '../../shared/customers/ports.ts';
import { openStaging } from '../../shared/customers/staging/staging.ts';
import type { Foundation } from './foundation.ts';

/** The parts of asynchronous customer mode: channels with their databases, headquarters, and the pipeline between them. */
export function openCustomerParts({ storage, records, readSettings, now }: Foundation) {
  const channels = openChannels(storage);
  const features = openFeatures(storage);
  const staging = openStaging(storage);
  const findNumber = (accountNumber: string) => records.uniqueValues.find('account', accountNumber);
  const customers = new ChannelCustomers(storage, { findNumber });
  const configurations = new ChannelConfigurations(storage);
  const maxAgeSeconds = async () => (await readSettings()).cacheMaxAgeSeconds;
  const cache = new CsuCache(storage, { configurations, maxAgeSeconds, now });
  const cachedAsOf = (channel: string) => cache.asOf(channel);
  // The channel side asks how far an operation is at headquarters; headquarters writes what the channel side downloads.
  const hqOperations: HqOperations = { findMany: (keys) => hq.operations.findMany(keys) };
  const hq: HqServices = openHqServices({
    storage,
    records,
    channels,
    staged: staging,
    channelDatabase: createChannelDatabase({ customers, hqOperations, cachedAsOf, now }),
    features,
    configurations,
  });
  const pipeline = new Pipeline({
    ...{ channels, customers, records, features, staged: staging, now, downloads: hq.downloadJob },
    ...{ uploads: hq.uploads, operations: hq.operations, configurations },
    ...{ feed: hq.feed, heads: hq.heads, runs: hq.runs, sessions: hq.sessions },
    cachedOn: cachedAsOf,
  });
  return {
    channels,
    features,
    staging,
    customers,
    cache,
    modes: createChannelModes({ cache, configurations, features, readSettings, now }),
    hqOperations,
    hq,
    pipeline,
  };
}
