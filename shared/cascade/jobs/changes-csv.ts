import type { CsvForm } from '../../http/csv.ts';
import type { RecordOutcome } from '../ports.ts';

/** The change log as CSV: a line for each value of a record that was changed, and one without values where none was; then what its plug-ins changed of others. */
export const CHANGES_CSV: CsvForm = {
  columns: ['recordId', 'table', 'outcome', 'name', 'old', 'new', 'version', 'changedOn', 'problem'],
  linesOf({ changes, cause: _cause, besides = [], ...record }: RecordOutcome) {
    const values = changes.length > 0 ? changes : [{ name: '', old: '', new: '' }];
    const { outcome, changedOn } = record;
    const sideChanges = besides.flatMap(({ changes: others, ...other }) =>
      others.map((value) => ({ ...other, outcome, changedOn, ...value })),
    );
    return [...values.map((value) => ({ ...record, ...value })), ...sideChanges];
  },
};
