/** What the tests of cascades stand on: records made by hand, a job's plan, and the way from the plan to its end. */
import { randomUUID } from 'node:crypto';
import { createCascadeRecords } from '../../../shared/cascade/cascade-records.ts';
import type { AssignPlan, CascadePlan, DeletePlan } from '../../../shared/cascade/plans.ts';
import type { Plugin } from '../../../shared/cascade/plugins/plugin.ts';
import type { CascadeRecords, CheckPrivileges, RecordOutcome } from '../../../shared/cascade/ports.ts';
import { findRelationship, RELATIONSHIPS } from '../../../shared/catalogue/relationships.ts';
import { TABLE_NAMES, type TableName } from '../../../shared/catalogue/tables.ts';
import type { RecordState, RecordValue } from '../../../shared/records/record.ts';
import { bucketOf, createIdSource } from '../../../shared/records/record-ids.ts';
import { fromRow, type RecordRow } from '../../../shared/records/record-row.ts';
import { RecordStore } from '../../../shared/records/record-store.ts';
import type { StoragePolicy } from '../../../shared/storage/size-limits.ts';
import type { Storage } from '../../../shared/storage/storage.ts';
import type { StoredRow } from '../../../shared/storage/table.ts';
import { openTestStorage, uniquePrefix } from '../../support/test-storage.ts';
import { pluginsInProcess } from './plugins/plugins-in-process.ts';

const ON = '2026-03-01T10:00:00.000Z';
export const allowed: CheckPrivileges = async () => undefined;

export interface NewChild {
  readonly id?: string;
  readonly ownerId?: string;
  readonly state?: RecordState;
  readonly columns?: RecordValue['columns'];
}

interface FixtureOptions {
  readonly policies?: readonly StoragePolicy[];
  readonly now?: () => number;
  /** Plug-ins that run in this process. */
  readonly plugins?: readonly Plugin[];
}

/** One set of tables, seen by a host of its own: `open` gives the same tables to another host. */
export class CascadeFixture {
  readonly storage: Storage;
  readonly records: RecordStore;
  readonly cascades: CascadeRecords;
  readonly newId = createIdSource();
  readonly #prefix: string;

  /** Jobs whose fences are void. */
  readonly endedJobs: Set<string>;

  constructor(options: FixtureOptions & { prefix?: string; endedJobs?: Set<string> } = {}) {
    const { prefix = uniquePrefix(), policies = [], now, plugins } = options;
    this.#prefix = prefix;
    const storage = openTestStorage({ prefix, policies });
    this.storage = storage;
    this.endedJobs = options.endedJobs ?? new Set();
    const fenceHolds = async (jobId: string) => !this.endedJobs.has(jobId);
    this.records = new RecordStore(storage, { fenceHolds });
    this.cascades = createCascadeRecords({
      storage,
      recordStore: this.records,
      ...(now && { now }),
      ...(plugins && { plugins: pluginsInProcess(storage, plugins) }),
    });
  }

  /** Another host on the same tables. */
  open(options: FixtureOptions = {}): CascadeFixture {
    return new CascadeFixture({ ...options, prefix: this.#prefix, endedJobs: this.endedJobs });
  }

  /** Makes a record under parents, and gives its id. Anna owns it unless said otherwise. */
  async make(table: TableName, lookups: RecordValue['lookups'] = {}, child: NewChild = {}): Promise<string> {
    const [id] = await this.makeMany(table, lookups, [child]);
    return id ?? '';
  }

  async makeMany(table: TableName, lookups: RecordValue['lookups'], children: readonly NewChild[]): Promise<string[]> {
    const made = await this.records.createMany(
      children.map(({ id = this.newId(), ownerId = 'anna', state = 'Active', columns: more }) => {
        const columns = { ...COLUMNS[table], ...more };
        const value = { id, table, ownerId, state, createdOn: ON, createdBy: 'admin', columns, lookups };
        return { value, origin: randomUUID() };
      }),
    );
    return made.map((record) => {
      if (record instanceof Error) throw record;
      return record.value.id;
    });
  }

  /** A plan that gives the record to `ownerId`, with the behaviours as shipped. */
  plan(table: TableName, recordId: string, ownerId: string, more: Partial<AssignPlan> = {}): AssignPlan {
    const behaviors = Object.fromEntries(RELATIONSHIPS.map(({ name, defaults }) => [name, defaults.Assign]));
    const fixed = { action: 'assign', by: 'admin', createdOn: ON, lanes: 2, formerOwnerId: 'anna' } as const;
    return { ...fixed, jobId: randomUUID(), table, recordId, ownerId, behaviors, ...more };
  }

  /** A plan that deletes the record, with the behaviours as shipped. */
  deletePlan(table: TableName, recordId: string, more: Partial<DeletePlan> = {}): DeletePlan {
    const behaviors = Object.fromEntries(RELATIONSHIPS.map(({ name, defaults }) => [name, defaults.Delete]));
    const fixed = { action: 'delete', by: 'admin', createdOn: ON, lanes: 1, formerOwnerId: 'anna' } as const;
    return { ...fixed, jobId: randomUUID(), table, recordId, behaviors, ...more };
  }

  /** Whether a record is there and not deleted. */
  async lives(table: TableName, id: string): Promise<boolean> {
    const record = await this.records.find(table, id);
    return record !== undefined && !record.tombstone;
  }

  /** Live records of the tables whose parent doesn't live, as `table id`. */
  async orphans(tables: readonly TableName[] = TABLE_NAMES): Promise<string[]> {
    const orphans: string[] = [];
    for (const table of tables) {
      const rows: StoredRow<RecordRow>[] = [];
      for await (const row of this.records.tables.rows(table).rows<RecordRow>({ to: '~' })) rows.push(row);
      const resolved = (await this.records.tables.locks.resolve(rows)).filter((row) => row !== undefined);
      for (const { value, tombstone } of resolved.map((row) => fromRow(table, row))) {
        if (tombstone) continue;
        for (const [relationship, parentId] of Object.entries(value.lookups)) {
          const parent = findRelationship(relationship)?.parent;
          if (!parent || !(await this.lives(parent, parentId))) orphans.push(`${table} ${value.id}`);
        }
      }
    }
    return orphans;
  }

  /** Identifies to the end; gives the last outcome and the cursors on the way. */
  async identify(
    plan: CascadePlan,
  ): Promise<{ found: number; byTable: Readonly<Record<string, number>>; cursors: string[] }> {
    const cursors: string[] = [];
    let outcome = await this.cascades.identify(plan, undefined);
    while (outcome.cursor !== undefined) {
      cursors.push(outcome.cursor);
      outcome = await this.cascades.identify(plan, outcome.cursor);
    }
    return { found: outcome.found, byTable: outcome.byTable, cursors };
  }

  /** Applies all lanes to their end, `chunks` at a time; anything but success is thrown. */
  async apply(plan: CascadePlan, chunks = 5): Promise<void> {
    for (let lane = 0; lane < plan.lanes; lane++) {
      for (let drained = false; !drained; ) {
        const outcome = await this.cascades.applyBatch(plan, lane, chunks, allowed);
        if (outcome.kind !== 'applied') throw new Error(JSON.stringify(outcome));
        drained = outcome.drained;
      }
    }
  }

  async run(plan: CascadePlan): Promise<{ found: number; byTable: Readonly<Record<string, number>> }> {
    const { found, byTable } = await this.identify(plan);
    await this.apply(plan);
    return { found, byTable };
  }

  /** Counts of all lanes together. */
  async totals(plan: CascadePlan): Promise<{ done: number; skipped: number; failed: number }> {
    const lanes = await this.cascades.progress(plan);
    const sum = (count: 'done' | 'skipped' | 'failed') => lanes.reduce((total, lane) => total + lane[count], 0);
    return { done: sum('done'), skipped: sum('skipped'), failed: sum('failed') };
  }

  /** The whole change log. */
  async log(plan: CascadePlan, outcome?: RecordOutcome['outcome'], pageSize = 50): Promise<RecordOutcome[]> {
    const items: RecordOutcome[] = [];
    for (let after: string | undefined; ; ) {
      const page = await this.cascades.changes(plan, { outcome, after, pageSize });
      items.push(...page.items);
      after = page.after;
      if (after === undefined) return items;
    }
  }

  async value(table: TableName, id: string): Promise<RecordValue> {
    return (await this.records.get(table, id)).value;
  }

  /** Gives a record to somebody as another job or writer would. */
  async assignOne(table: TableName, id: string, ownerId: string): Promise<void> {
    const { value, etag } = await this.records.tables.getToChange(table, id);
    await this.#merge(table, id, etag, { ownerId, version: value.version + 1 });
  }

  /** Deletes a record as another job would. */
  async deleteOne(table: TableName, id: string): Promise<void> {
    const { value, etag } = await this.records.tables.getToChange(table, id);
    await this.#merge(table, id, etag, { deletedOn: ON, deletedBy: 'bert', version: value.version + 1 });
  }

  /** Locks a record as a transaction of a job would; without a job the one that has it is aborted. */
  async lockOne(table: TableName, id: string, jobId: string | undefined): Promise<void> {
    const { transactions } = this.records.tables.locks;
    const { etag, lock } = await this.records.tables.getToChange(table, id);
    if (!jobId) return void (await transactions.abort(lock?.jobId ?? ''));
    await transactions.begin(jobId, 60, []);
    await this.#merge(table, id, etag, { lockKind: 'transaction', lockJob: jobId });
  }

  async #merge(table: TableName, id: string, etag: string, more: Record<string, string | number>): Promise<void> {
    const row = { partitionKey: bucketOf(id), rowKey: id, ...more };
    const written = await this.records.tables.rows(table).write([{ kind: 'merge', row, etag }]);
    if (!written.ok) throw new Error(written.conflict);
  }
}

const COLUMNS: Partial<Record<TableName, RecordValue['columns']>> = {
  account: { name: 'Contoso' },
  contact: { fullName: 'Zoë' },
  order: { orderNumber: 'S-1' },
  orderline: { item: 'A' },
  case: { title: 'Broken' },
  activity: { subject: 'Call' },
  address: { street: 'Main' },
  quote: { quoteNumber: 'Q-1' },
};

/** Whether a request writes rows of a table, alone or in a transaction. */
export function writesTo(table: string): (request: { method: string; url: string; body?: unknown }) => boolean {
  return ({ method, url, body }) =>
    method !== 'GET' && !url.endsWith('/Tables') && `${url} ${typeof body === 'string' ? body : ''}`.includes(table);
}
