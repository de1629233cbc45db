import { mapParallel } from '../../parallel.ts';
import { operationId } from '../customer-operation.ts';
import type { ChannelDatabase, HqOperations } from '../ports.ts';
import { isIncluded, PENDING } from './channel-view.ts';
import type { ChannelCustomers } from './customers.ts';
import { readProgress } from './progress.ts';

const MAX_PARALLEL = 8;

/** A channel's copy of the customers, as the download job (1010) writes it. */
export function createChannelDatabase(ports: {
  readonly customers: ChannelCustomers;
  readonly hqOperations: HqOperations;
}): ChannelDatabase {
  const { customers, hqOperations } = ports;
  return {
    async applyDownload(channel, snapshots) {
      const stored = await mapParallel(snapshots, MAX_PARALLEL, (snapshot) => customers.putSnapshot(channel, snapshot));
      const progress = await readProgress(
        hqOperations,
        stored.flatMap(({ operations }) => operations),
      );
      await mapParallel(stored, MAX_PARALLEL, (customer) =>
        customers.dropOperations(customer, (operation) =>
          isIncluded(customer.snapshot, progress.get(operationId(operation)) ?? PENDING),
        ),
      );
    },
  };
}
