/** What all purges have in common: a bounded piece of work that goes on where the one before ended. */
import { groupBy } from '../storage/parallel.ts';
import type { Storage } from '../storage/storage.ts';
import { ROWS_PER_TRANSACTION, type Row, type Table, type Write } from '../storage/table.ts';

/** Tells how old may be purged, and whether to begin with another piece. */
export interface PurgeRound {
  /** What is older may go, in ms since 1970. */
  readonly beforeMs: number;
  /** Whether there is time for more. */
  readonly goOn: () => boolean;
}

/** Table of the places where purges go on. */
export const PLACES_TABLE = 'purgeplaces';
const ROWS_PER_READ = 500;

interface PlaceRow extends Row {
  p: string;
  r: string;
}

/** Removes rows of one partition, in transactions. Rows that are gone already are passed over. */
export async function deleteRows(table: Table, rows: readonly Pick<Row, 'partitionKey' | 'rowKey'>[]): Promise<void> {
  for (let at = 0; at < rows.length; at += ROWS_PER_TRANSACTION) {
    const group = rows.slice(at, at + ROWS_PER_TRANSACTION);
    const deletes = group.map(({ partitionKey, rowKey }): Write => {
      return { kind: 'delete', row: { partitionKey, rowKey } };
    });
    if ((await table.write(deletes)).ok) continue;
    // Another purge is at the same rows.
    for (const each of deletes) await table.write([each]);
  }
}

/**
 * Walks a whole table, some of it in each round, and removes the rows that are `isOld`. Where a round ends is kept in table
 * `purgeplaces`; after the last row it begins anew. Gives how many rows went.
 */
export async function purgeByWalk<T extends Row>(
  storage: Storage,
  name: string,
  select: readonly string[],
  isOld: (row: T) => boolean,
  { goOn }: Pick<PurgeRound, 'goOn'>,
): Promise<number> {
  const table = storage.table(name);
  const places = storage.table(PLACES_TABLE);
  const kept = await places.get<PlaceRow>('place', name);
  let place = { p: kept?.p ?? '', r: kept?.r ?? '' };
  let purged = 0;
  while (goOn()) {
    const rows = await rowsAfter<T>(table, place, select);
    const last = rows.at(-1);
    place = { p: last?.partitionKey ?? '', r: last?.rowKey ?? '' };
    const old = rows.filter(isOld);
    for (const group of groupBy(old, ({ partitionKey }) => partitionKey)) await deleteRows(table, group);
    purged += old.length;
    await places.write([{ kind: 'upsert', row: { partitionKey: 'place', rowKey: name, ...place } }]);
    if (!last) return purged;
  }
  return purged;
}

/** The next rows after a place (empty: from the first on), of one partition or more; none at the end of the table. */
async function rowsAfter<T extends Row>(table: Table, { p, r }: { p: string; r: string }, select: readonly string[]) {
  if (p !== '') {
    const { rows } = await table.page<T>({ partitionKey: p, after: r, select }, ROWS_PER_READ);
    if (rows.length > 0) return rows;
  }
  return (await table.page<T>(p === '' ? { select } : { partitionAfter: p, select }, ROWS_PER_READ)).rows;
}
