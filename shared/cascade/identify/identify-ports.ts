/** What the steps of identifying share. */
import type { TableName } from '../../catalogue/tables.ts';
import type { RecordRow } from '../../records/record-row.ts';
import type { RecordStore } from '../../records/record-store.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Table } from '../../storage/table.ts';
import { atOnce, type InSlot } from '../fair-gate.ts';
import type { FoundRecords } from './found-records.ts';
import type { FenceServices } from './resolve-hints.ts';

/** What identifying works with. */
export interface IdentifyPorts {
  readonly storage: Storage;
  readonly recordStore: RecordStore;
  readonly found: FoundRecords;
  /** Absent where identifying leaves no trace. */
  readonly fencing?: FenceServices | undefined;
  /** What reads of pages wait for; absent where a person waits for it. */
  readonly inSlot?: InSlot | undefined;
  /** Is told of the rows that are reached; the root has no relationship. */
  readonly observe?: (table: TableName, row: RecordRow, relationship: string | undefined) => void;
}

/** Bounds the work of one call. */
export interface Budget {
  /** Counts parents or hints that were looked at. */
  spend(rows: number): void;
  isSpent(): boolean;
}

/** A table whose pages are read in slots of the gate. */
export function pagesInSlots(table: Pick<Table, 'page'>, inSlot: InSlot = atOnce): Pick<Table, 'page'> {
  return { page: (range, limit) => inSlot(() => table.page(range, limit)) };
}
