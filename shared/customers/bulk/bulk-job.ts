/**
 * Works off a bulk change page by page: Save, Synchronize or both for each of its operations, then what their customers have
 * waiting. Every step may be repeated (BULK-1, BULK-2); an operation remembers the bulk change that has changed it.
 */

import { Problem } from '../../problem.ts';
import { groupBy, MAX_PARALLEL, mapParallel } from '../../storage/parallel.ts';
import type { ApplyJob } from '../apply/apply-job.ts';
import { operationId, parseOperationId } from '../customer-operation.ts';
import type { OperationChanges } from '../headquarters/operation-changes.ts';
import { fitsFilter, type HqOperationReader } from '../headquarters/operations.ts';
import type { StoredOperation } from '../headquarters/stored-operation.ts';
import type { BulkPage, BulkRefusal, BulkRequest, BulkStore, StoredBulk } from './bulk-store.ts';

/** Operations of one page, and of one activity. */
const PAGE_SIZE = 50;

/** What bulk changes work with. */
export interface BulkPorts {
  readonly store: BulkStore;
  readonly changes: Pick<OperationChanges, 'changeInBulk' | 'discard'>;
  readonly operations: Pick<HqOperationReader, 'list'>;
  readonly applyJob: Pick<ApplyJob, 'applyCustomers'>;
  readonly now: () => number;
}

/** What came of a step. */
export interface BulkStep {
  readonly done: boolean;
  /** Customers that another worker had: to be applied again. */
  readonly busy: string[];
}

/** The steps of a bulk change. */
export class BulkJob {
  readonly #ports: BulkPorts;

  constructor(ports: BulkPorts) {
    this.#ports = ports;
  }

  /** Works off the next page. A bulk change that isn't known or has ended is done. */
  async step(bulkId: string): Promise<BulkStep> {
    const found = await this.#ports.store.find(bulkId);
    if (!found || isEnded(found)) return { done: true, busy: [] };
    const chosen = found.state.page ? found : await this.#choose(found);
    if (!chosen?.state.page) return { done: false, busy: [] };
    const { request, state } = chosen;
    const { refusals, changed } = await this.#changeAll(chosen, chosen.state.page);
    await this.#ports.store.putRefusals(bulkId, state.pages, refusals);
    const busy = request.synchronize && !request.dryRun ? await this.#apply(bulkId, state.pages, changed) : [];
    const { page, from: _from, ...before } = chosen.state;
    const isLast = page?.next === undefined;
    const finished = await this.#ports.store.replace(chosen, {
      ...before,
      ...(page?.next !== undefined && { from: page.next }),
      ...(isLast && { status: 'Completed', completedOn: new Date(this.#ports.now()).toISOString() }),
      matched: state.matched + (page?.ids.length ?? 0),
      changed: state.changed + changed.length,
      refused: state.refused + refusals.length,
      pages: state.pages + 1,
    });
    return { done: finished !== undefined && isLast, busy };
  }

  /** Ends a bulk change that can't go on. */
  async fail(bulkId: string, error: string): Promise<void> {
    const found = await this.#ports.store.find(bulkId);
    if (!found || isEnded(found)) return;
    const completedOn = new Date(this.#ports.now()).toISOString();
    await this.#ports.store.replace(found, { ...found.state, status: 'Failed', completedOn, error });
  }

  /** Chooses the next page and keeps it (BULK-1). Undefined: another worker has. */
  async #choose(bulk: StoredBulk): Promise<StoredBulk | undefined> {
    const { request, state } = bulk;
    const page = await this.#pageFrom(request, state.from);
    return this.#ports.store.replace(bulk, { ...state, status: 'Running', page });
  }

  async #pageFrom({ ids, filter = {} }: BulkRequest, from: BulkPage['next']): Promise<BulkPage> {
    if (ids) {
      const start = typeof from === 'number' ? from : 0;
      const end = start + PAGE_SIZE;
      return { ids: ids.slice(start, end), ...(end < ids.length && { next: end }) };
    }
    const place = typeof from === 'number' ? undefined : from;
    const { items, after } = await this.#ports.operations.list(filter, PAGE_SIZE, place);
    return { ids: items.map(({ id }) => id), ...(after && { next: after }) };
  }

  async #changeAll(bulk: StoredBulk, { ids }: BulkPage): Promise<{ refusals: BulkRefusal[]; changed: string[] }> {
    const refusals: BulkRefusal[] = [];
    const changed: string[] = [];
    // A customer's operations one after the other, as each leases the customer's head.
    const customers = groupBy([...new Set(ids)], (id) => parseOperationId(id)?.customerAsyncId ?? id);
    await mapParallel(customers, MAX_PARALLEL, async (group) => {
      for (const id of group) {
        const problem = await this.#change(bulk, id);
        if (problem) refusals.push({ id, problem: problem.toBody() });
        else changed.push(id);
      }
    });
    return { refusals, changed };
  }

  async #change({ bulkId, request }: StoredBulk, id: string): Promise<Problem | undefined> {
    const { changes: attributes, discard: reason, withLater = false, synchronize, dryRun, by } = request;
    const isChosen = (operation: StoredOperation) => isOf(request, operation);
    try {
      const part = { id, bulkId, dryRun, isChosen, by };
      if (reason === undefined) await this.#ports.changes.changeInBulk({ ...part, attributes, synchronize });
      else await this.#ports.changes.discard({ ...part, reason, withLater });
      return undefined;
    } catch (error) {
      // Who has the customer at the moment lets go of it; the step is tried again.
      if (!(error instanceof Problem) || error.status >= 500) throw error;
      if (error.retryAfterSeconds !== undefined || error.slug === 'stale-version') throw error;
      return error;
    }
  }

  async #apply(bulkId: string, page: number, changed: readonly string[]): Promise<string[]> {
    const customers = [...new Set(changed.flatMap((id) => parseOperationId(id)?.customerAsyncId ?? []))];
    const { busy } = await this.#ports.applyJob.applyCustomers(customers, bulkId, `${bulkId}|${page}`);
    return busy > 0 ? customers : [];
  }
}

function isOf({ ids, filter = {} }: BulkRequest, operation: StoredOperation): boolean {
  return ids ? ids.includes(operationId(operation)) : fitsFilter(operation, filter);
}

function isEnded({ state: { status } }: StoredBulk): boolean {
  return status === 'Completed' || status === 'Failed';
}
