import type { TableName } from '../../catalogue/tables.ts';
import type { RecordStore } from '../../records/record-store.ts';
import { putShared } from '../../records/shares/shared-records.ts';
import type { Decided } from './write-part.ts';

/** Lists records for the users who are about to get their first right on them (SHARED-1, shared-records.ts). */
export async function announceShares(
  recordStore: RecordStore,
  table: TableName,
  decided: readonly Decided[],
): Promise<void> {
  const given = decided.flatMap(({ id: recordId, current, decision }) => {
    const newReaders = decision.kind === 'write' ? (decision.newReaders ?? []) : [];
    const createdOn = String(current?.cells.createdOn ?? '');
    return newReaders.map((userId) => ({ userId, recordId, createdOn }));
  });
  await putShared(recordStore.tables, table, given);
}
