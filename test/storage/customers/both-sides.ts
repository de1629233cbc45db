import { type HqServices, openHqServices } from '../../../shared/customers/hq-services.ts';
import type { StoragePolicy } from '../../../shared/storage/size-limits.ts';
import { uniquePrefix } from '../../support/test-storage.ts';
import { type ChannelApp, openChannelApp } from './channel-app.ts';

/** Both sides over one storage, without a host; `reopen` is another process on the same data. */
export interface BothSides {
  readonly app: ChannelApp;
  readonly hq: HqServices;
  readonly clock: { nowMs: number };
  reopen(policies?: readonly StoragePolicy[]): BothSides;
}

export function openBothSides(
  options: { prefix?: string; policies?: readonly StoragePolicy[]; clock?: BothSides['clock'] } = {},
): BothSides {
  const { prefix = uniquePrefix(), policies = [], clock = { nowMs: Date.parse('2026-03-01T10:00:00.000Z') } } = options;
  const now = () => clock.nowMs;
  const late: { hq?: HqServices } = {};
  const hqOf = (): HqServices => {
    if (!late.hq) throw new Error('Headquarters is not open yet');
    return late.hq;
  };
  const app = openChannelApp({
    ...{ prefix, policies, now },
    hq: { put: () => undefined, port: { findMany: (keys) => hqOf().operations.findMany(keys) } },
    realTime: { send: (request) => hqOf().realTime.send(request) },
    downloadAtOnce: (channel, customers) => hqOf().downloadJob.downloadAtOnce(channel, customers),
  });
  const { storage, records, channels, staging: staged, database: channelDatabase, features, configurations } = app;
  const hq = openHqServices({ storage, records, channels, staged, channelDatabase, features, configurations, now });
  late.hq = hq;
  return { app, hq, clock, reopen: (again = []) => openBothSides({ prefix, policies: again, clock }) };
}
