import type { RecordOutcome } from '../cascade/ports.ts';
import { csvLine } from './csv.ts';

/** Names of the columns, in order. */
export const CHANGES_HEADER = csvLine([
  'recordId',
  'table',
  'outcome',
  'name',
  'old',
  'new',
  'version',
  'changedOn',
  'problem',
]);

/** The lines of a record: one for each value that was changed, and one without values where none was. */
export function changesLines({
  recordId,
  table,
  outcome,
  changes,
  version,
  changedOn,
  problem,
}: RecordOutcome): string {
  const values = changes.length > 0 ? changes : [{ name: '', old: '', new: '' }];
  return values
    .map((value) => csvLine([recordId, table, outcome, value.name, value.old, value.new, version, changedOn, problem]))
    .join('');
}
