import type { RecordOutcome } from '../cascade/ports.ts';
import type { CsvForm } from '../http/csv-lists.ts';

/** The change log as CSV: a line for each value of a record that was changed, and one without values where none was. */
export const CHANGES_CSV: CsvForm = {
  columns: ['recordId', 'table', 'outcome', 'name', 'old', 'new', 'version', 'changedOn', 'problem'],
  linesOf({ changes, cause: _cause, ...record }: RecordOutcome) {
    const values = changes.length > 0 ? changes : [{ name: '', old: '', new: '' }];
    return values.map((value) => ({ ...record, ...value }));
  },
};
