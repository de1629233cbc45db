import { createHash } from 'node:crypto';
import type { ChannelModes } from '../configuration/channel-modes.ts';
import type { ServedConfiguration } from '../configuration/csu-cache.ts';
import { operationId, type StagedOperation } from '../customer-operation.ts';
import type { Channel, HqOperations } from '../ports.ts';
import { type CustomerView, isIncluded, isOthers, type KnownCustomer, PENDING, viewOf } from './channel-view.ts';
import { normalizeReference } from './customer-identity.ts';
import { servedCopy } from './customer-rows.ts';
import type { ChannelCustomers, StoredCustomer } from './customers.ts';
import { readProgress } from './progress.ts';

/** What channels are shown of their customers. */
export interface CustomerViews {
  /**
   * The view of a customer, or undefined when the channel doesn't know it or its copy says that it was deleted. `reference`:
   * what it was asked for by; a number is never that of a customer whom the channel has made under another's id.
   */
  find(channel: Channel, customerAsyncId: string, reference?: string): Promise<CustomerView | undefined>;
  /** Views in the order asked; undefined as above. */
  findMany(channel: Channel, ids: readonly string[]): Promise<(CustomerView | undefined)[]>;
}

/** Reads the channel's own store, and from headquarters only how far the channel's own operations are. */
export function createCustomerViews(ports: {
  readonly customers: ChannelCustomers;
  readonly hqOperations: HqOperations;
  readonly modes: Pick<ChannelModes, 'serve'>;
}): CustomerViews {
  const { customers, hqOperations, modes } = ports;

  async function withProgress(
    stored: readonly (StoredCustomer | undefined)[],
    { asOf }: ServedConfiguration,
  ): Promise<(KnownCustomer | undefined)[]> {
    const operations = stored.flatMap((customer) => customer?.operations ?? []);
    const progress = await readProgress(hqOperations, operations);
    const toOwn = (operation: StagedOperation) => ({
      operation,
      progress: progress.get(operationId(operation)) ?? PENDING,
    });
    return stored.map((customer) => {
      if (!customer) return undefined;
      const copy = servedCopy(customer, asOf);
      const own = customer.operations.map(toOwn);
      return { ...customer, snapshot: isOthers(copy, own) ? undefined : copy, own };
    });
  }

  return {
    async find(channel, customerAsyncId, reference = customerAsyncId) {
      const served = await modes.serve(channel.id);
      const stored = await customers.find(channel.id, customerAsyncId);
      const [known] = await withProgress([stored], served);
      if (!stored || !known) return undefined;
      const isByNumber = normalizeReference(reference) !== customerAsyncId;
      if (isByNumber && isOthers(stored.snapshot, known.own)) return undefined;
      // What was discarded may be reinstated, and then shows again.
      const included = known.own.filter(
        ({ progress }) => progress.status !== 'Discarded' && isIncluded(known.snapshot, progress),
      );
      if (included.length > 0) {
        const ids = new Set(included.map(({ operation }) => operationId(operation)));
        await customers.dropOperations(stored, (operation) => ids.has(operationId(operation)));
      }
      return viewOf(known, served.version);
    },

    async findMany(channel, ids) {
      const served = await modes.serve(channel.id);
      const known = await withProgress(await customers.findMany(channel.id, ids), served);
      return known.map((customer) => customer && viewOf(customer, served.version));
    },
  };
}

/** A number that differs when anything in the view does: the version of a thing that is put together anew each time. */
export function revisionOf(view: CustomerView): number {
  return Number.parseInt(createHash('sha256').update(JSON.stringify(view)).digest('hex').slice(0, 12), 16);
}
