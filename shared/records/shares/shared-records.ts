/**
 * The records that are shared with a user, in the order of the table's list: entries beside the list's own, in a scope for
 * each user. An entry is put before the row of shares gives the user its first right, and stays when the last one is taken
 * away: whoever reads one looks at the shares. This is a storage format (docs/adr/0002).
 *
 *  SHARED-1  Every attempt at a write that gives a user its first right on a record puts the entry anew, before it.
 */
import type { TableName } from '../../catalogue/tables.ts';
import { type IndexEntry, indexWrite, newestFirst, type Place, placeIn } from '../../storage/newest-first.ts';
import { groupBy, MAX_PARALLEL, mapParallel } from '../../storage/parallel.ts';
import { ROWS_PER_TRANSACTION, type Row } from '../../storage/table.ts';
import type { RecordTables } from '../record-tables.ts';

/** Records that were made within 100,000 s share a partition: a cascade's records of one bucket take one transaction. */
const SLOT_DIGITS = 5;

const scopeOf = (userId: string) => `shared.${userId}`;

/** Puts entries for records of a table that are about to be shared. */
export async function putShared(
  tables: RecordTables,
  table: TableName,
  given: readonly { readonly userId: string; readonly recordId: string; readonly createdOn: string }[],
): Promise<void> {
  const writes = given.map(({ userId, recordId, createdOn }) =>
    indexWrite(scopeOf(userId), createdOn, recordId, {}, SLOT_DIGITS),
  );
  const partitions = groupBy(writes, ({ row }) => row.partitionKey, ROWS_PER_TRANSACTION);
  await mapParallel(partitions, MAX_PARALLEL, async (group) => {
    await tables.listIndex(table).write(group);
  });
}

/** The entries that `putShared` put for one record, for users whose shares are known. For who removes the record for good. */
export function sharedEntries(
  recordId: string,
  createdOn: string,
  userIds: readonly string[],
): Pick<Row, 'partitionKey' | 'rowKey'>[] {
  return userIds.map((userId) => indexWrite(scopeOf(userId), createdOn, recordId, {}, SLOT_DIGITS).row);
}

/** The entries of a table's list, each with whether its record may be shared with the user: a join of two sorted lists. */
export async function* markShared<Notes>(
  tables: RecordTables,
  table: TableName,
  userId: string,
  entries: AsyncIterable<IndexEntry<Notes>>,
  after: Place | undefined,
): AsyncGenerator<IndexEntry<Notes> & { readonly maybeShared: boolean }> {
  const start = after && placeIn(scopeOf(userId), after, SLOT_DIGITS);
  const shared = newestFirst<unknown>(tables.listIndex(table), scopeOf(userId), start);
  let next = await shared.next();
  for await (const entry of entries) {
    while (!next.done && next.value.place.r < entry.place.r) next = await shared.next();
    yield { ...entry, maybeShared: !next.done && next.value.place.r === entry.place.r };
  }
}
