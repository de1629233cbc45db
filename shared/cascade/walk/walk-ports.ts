/** What the steps of a walk share. */
import type { TableName } from '../../catalogue/tables.ts';
import type { RecordRow } from '../../records/record-row.ts';
import type { RecordStore } from '../../records/record-store.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Table } from '../../storage/table.ts';
import { atOnce, type Turn } from '../fair-gate.ts';
import type { FoundRecords } from './found-records.ts';
import type { FenceServices } from './settle-hints.ts';

/** What a walk works with. */
export interface WalkServices {
  readonly storage: Storage;
  readonly records: RecordStore;
  readonly found: FoundRecords;
  /** Absent in a walk that leaves no trace. */
  readonly fencing?: FenceServices | undefined;
  /** What reads of pages wait for; absent in a walk that a person waits for. */
  readonly turn?: Turn | undefined;
  /** Is told of the rows that the walk reaches; the root has no relationship. */
  readonly observe?: (table: TableName, row: RecordRow, relationship: string | undefined) => void;
}

/** Bounds the work of one call. */
export interface Budget {
  /** Counts parents or hints that were looked at. */
  spend(rows: number): void;
  isSpent(): boolean;
}

/** A table whose pages are read in turn. */
export function inTurn(table: Pick<Table, 'page'>, turn: Turn = atOnce): Pick<Table, 'page'> {
  return { page: (range, limit) => turn(() => table.page(range, limit)) };
}
