import type { ColumnValue } from '../catalogue/columns.ts';
import { Problem } from '../problem.ts';
import type { RecordState, RecordValue, StoredRecord } from './record.ts';

/** What is to change; null clears, what is absent stays. */
export interface Change {
  readonly state?: RecordState | undefined;
  readonly columns?: Readonly<Record<string, ColumnValue | null | undefined>>;
  readonly lookups?: Readonly<Record<string, string | null | undefined>>;
}

/** The value after a change, one version on; the very same object when nothing would differ. */
export function changeRecord(before: RecordValue, change: Change, { by, on }: { by: string; on: string }): RecordValue {
  const state = change.state ?? before.state;
  // An active record is merged into nothing: with its master kept, two that were merged both ways would name each other.
  const isRevived = state === 'Active' && before.state !== 'Active';
  const columns = merge(before.columns, { ...change.columns, ...(isRevived && { masterId: null }) });
  const lookups = merge(before.lookups, change.lookups ?? {});
  if (columns === before.columns && lookups === before.lookups && state === before.state) return before;
  return { ...before, columns, lookups, state, version: before.version + 1, modifiedBy: by, modifiedOn: on };
}

function merge<T>(
  before: Readonly<Record<string, T>>,
  change: Readonly<Record<string, T | null | undefined>>,
): Readonly<Record<string, T>> {
  const wanted = Object.entries(change).filter(
    ([name, value]) => value !== undefined && (value ?? undefined) !== before[name],
  );
  if (wanted.length === 0) return before;
  const after: Record<string, T> = { ...before };
  for (const [name, value] of wanted) {
    if (value === null || value === undefined) delete after[name];
    else after[name] = value;
  }
  return after;
}

/** Refuses a change of a record that a transaction has locked, or that isn't as its caller saw it. */
export function checkUsable({ value, lock }: StoredRecord, ifVersion: number | undefined): void {
  if (lock?.kind === 'transaction') {
    throw new Problem(
      'record-locked',
      { table: value.table, id: value.id, jobId: lock.jobId },
      {
        extra: { jobId: lock.jobId },
        retryAfterSeconds: 2,
      },
    );
  }
  if (ifVersion !== undefined && ifVersion !== value.version) {
    throw new Problem(
      'record-version-stale',
      { seen: ifVersion, version: value.version },
      {
        extra: { version: value.version },
      },
    );
  }
}
