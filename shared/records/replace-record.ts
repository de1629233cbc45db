import { lookupsOf } from '../catalogue/relationships.ts';
import { uniqueColumnOf } from '../catalogue/tables.ts';
import { indexWrite } from '../storage/newest-first.ts';
import type { ChildHints, Hint } from './child-hints.ts';
import { claimUnique } from './create-records.ts';
import { parentProblem } from './parent-links.ts';
import type { RecordValue, StoredRecord } from './record.ts';
import { fromRow, toRow } from './record-row.ts';
import type { RecordTables } from './record-tables.ts';
import { searchWords } from './search-words.ts';

interface OldHint {
  readonly hints: ChildHints;
  readonly parentId: string;
  readonly hint: Hint;
}

/**
 * Writes the new value of a record over the one that was read, with all that must stand before (new hints, index, unique
 * value) and what may go after (old hints). Undefined: somebody else changed the row meanwhile, nothing was replaced.
 */
export async function replaceRecord(
  tables: RecordTables,
  before: StoredRecord,
  after: RecordValue,
  sequence: string | undefined,
): Promise<StoredRecord | undefined> {
  const { table, id, createdOn } = after;
  const oldHints = await moveHints(tables, before, after);
  const column = uniqueColumnOf(table);
  // What the record carries it has claimed before, and nobody else is ever given it.
  const isClaimed = column === undefined || before.value.columns[column] === after.columns[column];
  const problem = isClaimed ? undefined : await claimUnique(tables, after);
  if (problem) throw problem;
  if (searchWords(after) !== searchWords(before.value)) {
    const words = searchWords(after, before.value);
    await tables.listIndex(table).write([indexWrite('all', createdOn, id, { words })]);
  }
  const row = toRow(after, { appliedSequence: sequence ?? before.appliedSequence, origin: before.origin });
  if (before.lock) Object.assign(row, { lockKind: before.lock.kind, lockJob: before.lock.jobId });
  const written = await tables.rows(table).write([{ kind: 'replace', row, etag: before.etag }]);
  if (!written.ok) return undefined;
  for (const { hints, parentId, hint } of oldHints) await hints.remove(parentId, hint);
  return fromRow(table, { ...row, etag: written.etags[0] ?? '' });
}

/** Puts the hints of new parents and checks these; gives the hints of the old ones as they stand now. */
async function moveHints(tables: RecordTables, before: StoredRecord, after: RecordValue): Promise<OldHint[]> {
  const { table, id, createdOn } = after;
  const oldHints: OldHint[] = [];
  for (const { name } of lookupsOf(table)) {
    const from = before.value.lookups[name];
    const to = after.lookups[name];
    if (from === to) continue;
    const hints = tables.hints(name);
    const hint = from === undefined ? undefined : await hints.find(from, id);
    if (from !== undefined && hint) oldHints.push({ hints, parentId: from, hint });
    if (to === undefined) continue;
    await hints.put(to, id, createdOn);
    const problem = await parentProblem(tables, table, name, to);
    if (problem) throw problem;
  }
  return oldHints;
}
