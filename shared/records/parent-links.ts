import { lookupsOf } from '../catalogue/relationships.ts';
import type { TableName } from '../catalogue/tables.ts';
import { Problem } from '../problem.ts';
import { groupBy, MAX_PARALLEL, mapParallel } from '../storage/parallel.ts';
import { ROWS_PER_TRANSACTION } from '../storage/table.ts';
import { noSuchRecord } from './no-such-record.ts';
import type { RecordValue, StoredRecord } from './record.ts';
import { bucketOf } from './record-ids.ts';
import type { RecordTables } from './record-tables.ts';

type Child = Pick<RecordValue, 'table' | 'id' | 'createdOn' | 'lookups'>;

/**
 * Puts the hints from parents to children, then looks at the parents (invariant RECORD-2 of record-store.ts). Gives the
 * problem of each child that can't be under one of its parents; their hints stay and lead nowhere.
 */
export async function linkChildren<C extends { readonly value: Child }>(
  tables: RecordTables,
  children: readonly C[],
): Promise<Map<C, Problem>> {
  const links = children.flatMap((child) =>
    Object.entries(child.value.lookups).map(([relationship, parentId]) => ({ child, relationship, parentId })),
  );
  await putHints(
    tables,
    links.map(({ child: { value }, relationship, parentId }) => {
      return { relationship, parentId, childId: value.id, createdOn: value.createdOn };
    }),
  );
  const problems = new Map<C, Problem>();
  const parents = groupBy(links, ({ relationship, parentId }) => `${relationship}|${parentId}`);
  await mapParallel(parents, MAX_PARALLEL, async (group) => {
    const [first] = group;
    if (!first) return;
    const problem = await parentProblem(tables, first.child.value.table, first.relationship, first.parentId);
    if (problem) for (const { child } of group) problems.set(child, problem);
  });
  return problems;
}

/** That a parent may have a child under it. */
export interface ParentLink {
  readonly relationship: string;
  readonly parentId: string;
  readonly childId: string;
  /** When the child was made. */
  readonly createdOn: string;
}

/** Puts hints, or renews them, those of a partition together. */
export async function putHints(tables: RecordTables, links: readonly ParentLink[]): Promise<void> {
  const partitions = groupBy(
    links,
    ({ relationship, parentId }) => `${relationship}|${bucketOf(parentId)}`,
    ROWS_PER_TRANSACTION,
  );
  await mapParallel(partitions, MAX_PARALLEL, async (group) => {
    const hints = tables.hints(group[0]?.relationship ?? '');
    await hints.putAll(group.map(({ parentId, childId, createdOn }) => hints.writeFor(parentId, childId, createdOn)));
  });
}

/**
 * The parent without a fence whose job has ended. Such a fence is taken off the row, so that a batch of that job which
 * comes late can't delete the parent from under the child any more.
 */
async function findUnfenced(tables: RecordTables, table: TableName, id: string): Promise<StoredRecord | undefined> {
  for (;;) {
    const parent = await tables.find(table, id);
    if (parent?.lock?.kind !== 'fence' || parent.tombstone) return parent;
    if (await tables.fenceHolds(parent.lock.jobId)) return parent;
    const row = { partitionKey: bucketOf(id), rowKey: id, lockKind: '', lockJob: '' };
    await tables.rows(table).write([{ kind: 'merge', row, etag: parent.etag }]);
  }
}

/** What stands against a record of `table` being under this parent: it doesn't live, is being deleted, or is locked. */
export async function parentProblem(
  tables: RecordTables,
  table: TableName,
  relationship: string,
  parentId: string,
): Promise<Problem | undefined> {
  const parentTable = lookupsOf(table).find(({ name }) => name === relationship)?.parent;
  if (!parentTable) return new Problem('lookup-unknown', { table, lookup: relationship });
  const parent = await findUnfenced(tables, parentTable, parentId);
  if (!parent || parent.tombstone) {
    return noSuchRecord(`lookups.${relationship}`, parentTable);
  }
  if (!parent.lock) return undefined;
  const extra = { jobId: parent.lock.jobId };
  if (parent.lock.kind === 'fence') {
    return new Problem('parent-being-deleted', { table: parentTable, id: parentId, ...extra }, { extra });
  }
  return new Problem(
    'parent-locked',
    { table: parentTable, id: parentId, ...extra },
    {
      extra,
      retryAfterSeconds: 2,
    },
  );
}
