import { MAX_PARALLEL, mapParallel } from '../../storage/parallel.ts';
import { operationId } from '../customer-operation.ts';
import type { ChannelDatabase, HqOperations } from '../ports.ts';
import { isIncluded, PENDING } from './channel-view.ts';
import { servedCopy } from './customer-rows.ts';
import type { ChannelCustomers } from './customers.ts';
import { readProgress } from './progress.ts';

/** A channel's copy of the customers, as the download job (1010) writes it. */
export function createChannelDatabase(ports: {
  readonly customers: ChannelCustomers;
  readonly hqOperations: HqOperations;
  /** As of when the channel's cache holds; undefined when nothing is cached. */
  readonly cachedAsOf: (channel: string) => Promise<string | undefined>;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}): ChannelDatabase {
  const { customers, hqOperations, cachedAsOf, now } = ports;
  return {
    hasCustomer: async (channel, id) => (await customers.find(channel, id)) !== undefined,

    async applyDownload(channel, snapshots, { atOnce = false } = {}) {
      const asOf = atOnce ? undefined : await cachedAsOf(channel);
      const options = { storedOn: new Date(now()).toISOString(), asOf };
      const stored = await mapParallel(snapshots, MAX_PARALLEL, (snapshot) =>
        customers.putSnapshot(channel, snapshot, options),
      );
      const progress = await readProgress(
        hqOperations,
        stored.flatMap(({ operations }) => operations),
      );
      await mapParallel(stored, MAX_PARALLEL, (customer) =>
        customers.dropOperations(customer, (operation) =>
          isIncluded(servedCopy(customer, asOf), progress.get(operationId(operation)) ?? PENDING),
        ),
      );
    },
  };
}
