import { createHash } from 'node:crypto';
import { operationId, type StagedOperation } from '../customer-operation.ts';
import type { Channel, HqOperations } from '../ports.ts';
import { type CustomerView, isIncluded, type KnownCustomer, PENDING, viewOf } from './channel-view.ts';
import type { ChannelCustomers, StoredCustomer } from './customers.ts';
import { readProgress } from './progress.ts';

/** What channels are shown of their customers. */
export interface CustomerViews {
  /** The view of a customer, or undefined when the channel doesn't know it or its copy says that it was deleted. */
  find(channel: Channel, customerAsyncId: string): Promise<CustomerView | undefined>;
  /** Views in the order asked; undefined as above. */
  findMany(channel: Channel, ids: readonly string[]): Promise<(CustomerView | undefined)[]>;
}

/** Reads the channel's own store, and from headquarters only how far the channel's own operations are. */
export function createCustomerViews(ports: {
  readonly customers: ChannelCustomers;
  readonly hqOperations: HqOperations;
}): CustomerViews {
  const { customers, hqOperations } = ports;

  async function withProgress(stored: readonly (StoredCustomer | undefined)[]): Promise<(KnownCustomer | undefined)[]> {
    const operations = stored.flatMap((customer) => customer?.operations ?? []);
    const progress = await readProgress(hqOperations, operations);
    const toOwn = (operation: StagedOperation) => ({
      operation,
      progress: progress.get(operationId(operation)) ?? PENDING,
    });
    return stored.map((customer) => customer && { ...customer, own: customer.operations.map(toOwn) });
  }

  return {
    async find(channel, customerAsyncId) {
      const stored = await customers.find(channel.id, customerAsyncId);
      const [known] = await withProgress([stored]);
      if (!stored || !known) return undefined;
      const included = known.own.filter(({ progress }) => isIncluded(known.snapshot, progress));
      if (included.length > 0) {
        const ids = new Set(included.map(({ operation }) => operationId(operation)));
        await customers.dropOperations(stored, (operation) => ids.has(operationId(operation)));
      }
      return viewOf(known, channel.version);
    },

    async findMany(channel, ids) {
      const known = await withProgress(await customers.findMany(channel.id, ids));
      return known.map((customer) => customer && viewOf(customer, channel.version));
    },
  };
}

/** A number that differs when anything in the view does: the version of a thing that is put together anew each time. */
export function revisionOf(view: CustomerView): number {
  return Number.parseInt(createHash('sha256').update(JSON.stringify(view)).digest('hex').slice(0, 12), 16);
}
