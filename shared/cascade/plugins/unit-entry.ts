/** A row that a unit of work has read, and what it is to become: the pure part. */

import { lookupsOf } from '../../catalogue/relationships.ts';
import { columnsOf, type TableName } from '../../catalogue/tables.ts';
import { Problem } from '../../problem.ts';
import { bucketOf } from '../../records/record-ids.ts';
import { columnProperty, lookupProperty, NO_VALUE, type RecordRow } from '../../records/record-row.ts';
import type { CellValue, StoredRow } from '../../storage/table.ts';
import type { Values } from '../../transactions/locked-row.ts';
import type { ValueChange } from '../ports.ts';

/** A record as the unit of work knows it. */
export interface Entry {
  readonly table: TableName;
  readonly id: string;
  /** As it was read; undefined for a record that the unit makes. */
  stored: StoredRow<RecordRow> | undefined;
  /** What it gets anyway. */
  readonly base: Values;
  /** What it is to get; nothing for one that was only read. */
  values: Values;
}

/** The row of an entry as it is to be; throws for one that was never read or made. */
export function asIs({ stored, base, values, table, id }: Entry): StoredRow<RecordRow> {
  const row = stored ?? { partitionKey: bucketOf(id), rowKey: id, etag: '' };
  if (!stored && Object.keys(values).length === 0) throw new Error(`The ${table} ${id} has no row`);
  return { ...row, ...base, ...values } as StoredRow<RecordRow>;
}

/** The values of a record that differ between its row and what that is to get. */
export function changesOf(table: TableName, stored: StoredRow<RecordRow>, set: Values): ValueChange[] {
  const plain = (cell: CellValue | undefined) =>
    cell === undefined || cell === NO_VALUE || cell === '' || typeof cell === 'bigint' ? null : cell;
  const names = [
    ['ownerId', 'ownerId'],
    ['state', 'state'],
    ['deletedOn', 'deletedOn'],
    ...Object.keys(columnsOf(table)).map((name) => [name, columnProperty(name)]),
    ...lookupsOf(table).map(({ name }) => [`lookups.${name}`, lookupProperty(name)]),
  ] as const;
  return names.flatMap(([name = '', property = '']) => {
    if (set[property] === undefined) return [];
    const [old, now] = [plain(stored[property]), plain(set[property])];
    return old === now ? [] : [{ name, old, new: now }];
  });
}

/** All that a row says, except when and by which call it was written and who holds it. */
export function contentOf(row: StoredRow<RecordRow>): string {
  const left = ['etag', 'timestamp', 'w', 'odata.metadata', 'lockKind', 'lockJob'];
  return JSON.stringify(
    Object.entries(row)
      .filter(([name]) => !left.includes(name))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Another's lock must not be written over, nor its fence: it would be gone with our own lock. */
export function requireFree({ table, id, stored }: Entry, jobId: string): void {
  const { lockKind, lockJob = '' } = stored ?? {};
  if (!lockKind || (lockKind === 'fence' && lockJob === jobId)) return;
  const extra = { jobId: lockJob };
  if (lockKind === 'fence')
    throw new Problem('conflict', `The ${table} ${id} is being deleted by job ${lockJob}.`, { extra });
  throw new Problem('locked', `The ${table} ${id} is locked by job ${lockJob}.`, { extra, retryAfterSeconds: 2 });
}
