/**
 * What a deleter does with the hints under parents that it has fenced, so that nobody who looked at such a parent before
 * the fence can still put a record under it.
 *
 *  HINT-1  Each hint is resolved by a write or by a record that points here: no record: a tombstone takes its id, so
 *      that its creator is refused; a record that points elsewhere, or was deleted: its row is touched, so that whoever
 *      is about to move or restore it must look at the parent again. Both find the fence then.
 *  HINT-2  A record that will be deleted is fenced by the same write, before its own hints are read.
 *  HINT-3  A fence is void once its job has ended; one of a job that goes on is waited for, and so is a transaction. A
 *      Delete in one transaction may go without a fence of its own where another one holds: who wants to put a record
 *      under the parent must write its row first to take that off, and the transaction holds on to the row's ETag.
 */
import type { Relationship } from '../../catalogue/relationships.ts';
import type { TableName } from '../../catalogue/tables.ts';
import { bucketOf } from '../../records/record-ids.ts';
import { lookupProperty, type RecordRow } from '../../records/record-row.ts';
import type { RecordStore } from '../../records/record-store.ts';
import { type TombstoneIndex, tombstoneRow } from '../../records/tombstones.ts';
import { FEW_PARALLEL, groupBy, mapParallel } from '../../storage/parallel.ts';
import { StorageUnavailable } from '../../storage/storage-errors.ts';
import type { StoredRow, Write } from '../../storage/table.ts';
import { jobOfTransaction } from '../../transactions/locked-row.ts';
import { isLeaf } from '../actions/delete.ts';
import type { CascadePlan } from '../plans.ts';
import type { IdentifyOutcome } from '../ports.ts';
import { readByIds } from './read-row-ranges.ts';

/** Another job has a record that identifying needs; it is tried again when that has ended. */
export class MustWait extends Error {
  override readonly name = 'MustWait';
  readonly waitsFor: NonNullable<IdentifyOutcome['waitsFor']>;

  constructor(waitsFor: NonNullable<IdentifyOutcome['waitsFor']>) {
    super(waitsFor.text);
    this.waitsFor = waitsFor;
  }
}

/** What fencing works with. */
export interface FenceServices {
  readonly recordStore: RecordStore;
  readonly tombstones: TombstoneIndex;
  readonly now: () => number;
  /** Is told of each record that is about to have this job's fence, or has it already. */
  readonly noteFence?: (table: TableName, id: string) => void;
  /** Whether the fence of another job, which goes on, will do as one of our own. Default: it won't. */
  readonly sharesFence?: (jobId: string) => Promise<boolean>;
}

/** Where a hint leads from and to. */
export interface HintPair {
  readonly parentId: string;
  readonly childId: string;
}

const MAX_ROUNDS = 12;
const ROWS_PER_WRITE = 100;

/** What a page of hints of one relationship is resolved with. */
export interface HintPage {
  readonly pairs: readonly HintPair[];
  /** Whether a child will itself be deleted. */
  readonly isChanged: (row: RecordRow) => boolean;
  /** Properties to read of the children. */
  readonly select: readonly string[];
}

/** Resolves hints of one relationship. Gives the children that live and point to one of these parents, as they are afterwards. */
export async function resolveHints(
  services: FenceServices,
  plan: CascadePlan,
  relationship: Relationship,
  page: HintPage,
): Promise<StoredRow<RecordRow>[]> {
  const { name, child: table } = relationship;
  const { locks } = services.recordStore.tables;
  const rows = services.recordStore.tables.rows(table);
  const parents = new Map<string, string[]>();
  for (const { parentId, childId } of page.pairs) parents.set(childId, [...(parents.get(childId) ?? []), parentId]);
  const members: StoredRow<RecordRow>[] = [];
  let open = [...parents.keys()];
  for (let round = 0; open.length > 0 && round < MAX_ROUNDS; round++) {
    const read = await locks.releaseFinished(rows, await readByIds<RecordRow>(rows, open, page.select));
    const found = new Map(read.map((row) => [row.rowKey, row]));
    const left = await mapParallel(groupBy(open, bucketOf, ROWS_PER_WRITE), FEW_PARALLEL, async (ids) => {
      const steps = await mapParallel(ids, 1, async (id) => {
        const row = found.get(id);
        if (!row) return { member: undefined, write: await tombstoneOf(services, plan, table, id) };
        return resolveRow(services, plan, relationship, row, { parents: parents.get(id) ?? [], ...page });
      });
      const written = await rows.write(steps.flatMap(({ write }) => write ?? []));
      if (!written.ok) return ids;
      const etags = [...written.etags];
      for (const { member, write } of steps) {
        const etag = write && etags.shift();
        if (member) members.push(etag === undefined ? member : { ...member, etag });
      }
      return [];
    });
    open = left.flat();
  }
  if (open.length === 0) return members;
  throw new StorageUnavailable(`resolve hints of ${name}`, new Error(`overtaken ${MAX_ROUNDS} times`));
}

/** What is to be written of a record that hints lead to, and the record itself if it is under one of these parents. */
async function resolveRow(
  services: FenceServices,
  plan: CascadePlan,
  { name, child: table }: Relationship,
  row: StoredRow<RecordRow>,
  { parents, isChanged }: Pick<HintPage, 'isChanged'> & { readonly parents: readonly string[] },
): Promise<{ readonly member: StoredRow<RecordRow> | undefined; readonly write: Write | undefined }> {
  const isMember = !row.deletedOn && parents.includes(String(row[lookupProperty(name)] ?? ''));
  const isParent = isMember && !isLeaf(table) && isChanged(row);
  if (isParent) services.noteFence?.(table, row.rowKey);
  const needsFence = isParent && !isFencedBy(row, plan);
  const { fence, isShared } = needsFence ? await fenceOf(services, plan, table, row) : NO_FENCE;
  const { partitionKey, rowKey, etag } = row;
  // Somebody may be about to move it to another of these parents.
  const isTouched = !isMember || parents.length > 1;
  if (isTouched) refuseLocked(table, row);
  const write: Write = { kind: 'merge', row: { partitionKey, rowKey, ...(!isShared && fence) }, etag };
  return {
    member: isMember ? { ...row, ...fence } : undefined,
    write: (fence && !isShared) || isTouched ? write : undefined,
  };
}

/** Fences the root; undefined when it isn't there, or was deleted. */
export async function fenceRoot(services: FenceServices, plan: CascadePlan): Promise<StoredRow<RecordRow> | undefined> {
  const { table, recordId: id } = plan;
  const rows = services.recordStore.tables.rows(table);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const row = await services.recordStore.tables.locks.release<RecordRow>(rows, bucketOf(id), id);
    if (!row || row.deletedOn || isLeaf(table)) return row;
    services.noteFence?.(table, id);
    if (isFencedBy(row, plan)) return row;
    const { fence, isShared } = await fenceOf(services, plan, table, row);
    if (isShared) return { ...row, ...fence };
    const merge = { partitionKey: row.partitionKey, rowKey: id, ...fence };
    const written = await rows.write([{ kind: 'merge', row: merge, etag: row.etag }]);
    if (written.ok) return { ...row, ...fence, etag: written.etags[0] ?? '' };
  }
  throw new StorageUnavailable(`fence the ${table} ${id}`, new Error('overtaken again and again'));
}

function isFencedBy({ lockKind, lockJob }: RecordRow, { jobId }: CascadePlan): boolean {
  return lockKind === 'fence' && lockJob === jobId;
}

interface Fencing {
  readonly fence: { readonly lockKind: string; readonly lockJob: string } | undefined;
  readonly isShared: boolean;
}

const NO_FENCE: Fencing = { fence: undefined, isShared: false };

/** A fence, or another job's that counts as one (`isShared`: it isn't to be written). Throws MustWait while somebody else has the record. */
async function fenceOf(
  { recordStore, sharesFence }: FenceServices,
  { jobId }: CascadePlan,
  table: TableName,
  row: RecordRow,
): Promise<Fencing> {
  refuseLocked(table, row);
  const { rowKey: id, lockKind, lockJob = '' } = row;
  if (lockKind === 'fence' && lockJob !== jobId && (await recordStore.tables.fenceHolds(lockJob))) {
    if (await sharesFence?.(lockJob)) return { fence: { lockKind: 'fence', lockJob: jobId }, isShared: true };
    const text = `The ${table} ${id} is being deleted by job ${lockJob}.`;
    throw new MustWait({ kind: 'fence', text, jobId: lockJob });
  }
  return { fence: { lockKind: 'fence', lockJob: jobId }, isShared: false };
}

function refuseLocked(table: TableName, { rowKey: id, lockKind, lockJob = '' }: RecordRow): void {
  if (lockKind !== 'transaction') return;
  const jobId = jobOfTransaction(lockJob);
  throw new MustWait({ kind: 'transaction', text: `The ${table} ${id} is locked by job ${jobId}.`, jobId });
}

async function tombstoneOf(
  { tombstones, now }: FenceServices,
  { jobId, by }: CascadePlan,
  table: TableName,
  id: string,
): Promise<Write> {
  const on = new Date(now()).toISOString();
  await tombstones.note(on, jobId, [{ table, key: `hint-${id}`, ids: [id] }]);
  return { kind: 'insert', row: tombstoneRow(id, { on, by, jobId }) };
}
