import type { RecordRow } from '../../records/record-row.ts';
import type { StoredShares } from '../../records/shares/share-rows.ts';
import type { CellValue, StoredRow } from '../../storage/table.ts';
import { jobOfTransaction } from '../../transactions/locked-row.ts';
import type { CurrentRecord } from '../actions/action-rule.ts';
import type { FoundRecord } from '../identify/found-records.ts';

/** A record as identifying saw it: what its ETag, given to the write, will prove to hold still. */
export function asFound({ id, etag, version, ownerId }: FoundRecord): CurrentRecord {
  return {
    id,
    etag,
    version,
    ownerId,
    isAsFound: true,
    isDeleted: false,
    lockedBy: undefined,
    fencedBy: undefined,
    cells: {},
    shares: undefined,
  };
}

/** A record as its row says. */
export function toCurrent(row: StoredRow<RecordRow>, shares: StoredShares | undefined): CurrentRecord {
  const { rowKey: id, etag, version, ownerId, lockKind, lockJob = '' } = row;
  return {
    id,
    etag,
    version,
    ownerId,
    isAsFound: false,
    isDeleted: Boolean(row.deletedOn),
    lockedBy: lockKind === 'transaction' ? jobOfTransaction(lockJob) : undefined,
    fencedBy: lockKind === 'fence' ? lockJob : undefined,
    cells: row as Readonly<Record<string, CellValue | undefined>>,
    shares,
  };
}
