import type { CascadePlan } from '../../../shared/cascade/plans.ts';
import type {
  BatchOutcome,
  CascadeRecords,
  CheckPrivileges,
  IdentifyOutcome,
  LaneProgress,
  RecordOutcome,
  Survey,
} from '../../../shared/cascade/ports.ts';

/** A batch as a test scripts it: what it comes to, or undefined for the ordinary success. */
export type BatchScript = (batch: {
  readonly lane: number;
  /** Batches of this lane so far that were asked for, this one included. */
  readonly call: number;
  readonly check: CheckPrivileges;
}) => Promise<BatchOutcome | undefined> | BatchOutcome | undefined;

/** The record side of a cascade as tests want it: so many batches of records in each lane, which fail as scripted. */
export class FakeCascadeRecords implements CascadeRecords {
  readonly recordsPerBatch = 10;
  batchesPerLane = 3;
  /** Steps that identifying takes. */
  identifySteps = 2;
  onBatch: BatchScript = () => undefined;
  onIdentify: (cursor: string | undefined) => Promise<void> | void = () => undefined;
  /** What `changes` gives beside the failed records. */
  outcomes: RecordOutcome[] = [];
  /** Ids of records of the first lane that failed, and how many of it were skipped; they count as processed. */
  readonly failed = new Set<string>();
  skipped = 0;
  /** What commands asked for failed records, in order. */
  readonly commandsOnFailed: string[] = [];
  /** Lane numbers of the batches that were asked for, in order. */
  readonly batches: number[] = [];
  /** Chunks that each of them was to take. */
  readonly sizes: number[] = [];
  readonly cursors: (string | undefined)[] = [];
  readonly notedLanes: number[] = [];
  readonly #done = new Map<string, number>();
  readonly #calls = new Map<number, number>();

  async identify(plan: CascadePlan, cursor: string | undefined): Promise<IdentifyOutcome> {
    this.cursors.push(cursor);
    await this.onIdentify(cursor);
    const step = Number(cursor ?? 0) + 1;
    const found = plan.lanes * this.batchesPerLane * this.recordsPerBatch;
    const share = Math.floor((found * step) / this.identifySteps);
    const isLast = step >= this.identifySteps;
    return { cursor: isLast ? undefined : String(step), found: share, byTable: { contact: share } };
  }

  async applyBatch(plan: CascadePlan, lane: number, chunks: number, check: CheckPrivileges): Promise<BatchOutcome> {
    this.batches.push(lane);
    this.sizes.push(chunks);
    const call = (this.#calls.get(lane) ?? 0) + 1;
    this.#calls.set(lane, call);
    const scripted = await this.onBatch({ lane, call, check });
    if (scripted) return scripted;
    const key = `${plan.jobId}:${lane}`;
    const done = Math.min((this.#done.get(key) ?? 0) + 1, this.batchesPerLane);
    this.#done.set(key, done);
    const records = this.recordsPerBatch;
    return {
      kind: 'applied',
      chunks,
      done: records,
      skipped: 0,
      failed: 0,
      drained: done >= this.batchesPerLane,
      records,
      durationMs: 1,
    };
  }

  async noteApplied(_plan: CascadePlan, lane: number): Promise<boolean> {
    this.notedLanes.push(lane);
    return true;
  }

  async survey(): Promise<Survey> {
    const none = { byTable: {}, byRelationship: {}, blockers: [], inactive: 0, ownTables: [] };
    return { complete: true, total: 1, ...none };
  }

  async retryFailed(_plan: unknown, recordIds?: readonly string[]): Promise<number> {
    return this.#takeFailed('retry', recordIds);
  }

  async skipFailed(_plan: unknown, recordIds?: readonly string[]): Promise<number> {
    const count = this.#takeFailed('skip', recordIds);
    this.skipped += count;
    return count;
  }

  #takeFailed(kind: string, recordIds: readonly string[] | undefined): number {
    this.commandsOnFailed.push(recordIds ? `${kind} ${recordIds.join(' ')}` : kind);
    const targets = [...this.failed].filter((id) => recordIds?.includes(id) ?? true);
    for (const id of targets) this.failed.delete(id);
    return targets.length;
  }

  async progress({ jobId, lanes }: Pick<CascadePlan, 'jobId' | 'lanes'>): Promise<LaneProgress[]> {
    return Array.from({ length: lanes }, (_, lane) => {
      const done = (this.#done.get(`${jobId}:${lane}`) ?? 0) * this.recordsPerBatch;
      const [failed, skipped] = lane === 0 ? [this.failed.size, this.skipped] : [0, 0];
      const byTable = { contact: { done: done - failed - skipped, failed, skipped } };
      return { done: done - failed - skipped, failed, skipped, byTable, heartbeatOn: '2026-03-01T12:00:00.000Z' };
    });
  }

  async changes(_plan: unknown, query: Parameters<CascadeRecords['changes']>[1]) {
    const failed = [...this.failed].map((recordId) => ({ ...FAILED, recordId }));
    const fitting = [...this.outcomes, ...failed].filter(
      ({ outcome }) => query.outcome === undefined || outcome === query.outcome,
    );
    const start = Number(query.after ?? 0);
    const end = start + query.pageSize;
    return { items: fitting.slice(start, end), after: end < fitting.length ? String(end) : undefined };
  }
}

const FAILED: Omit<RecordOutcome, 'recordId'> = {
  table: 'contact',
  outcome: 'failed',
  changes: [],
  version: null,
  changedOn: null,
  problem: 'It is poison.',
};
