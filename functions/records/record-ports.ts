import type { TableName } from '../../shared/catalogue/tables.ts';
import type { SynchronizeCustomer } from '../../shared/customers/apply/customers-on-demand.ts';
import { Problem } from '../../shared/problem.ts';
import { noSuchRecord } from '../../shared/records/no-such-record.ts';
import type { StoredRecord } from '../../shared/records/record.ts';
import { resolveId, tableFromPath } from '../../shared/records/record-requests.ts';
import type { RecordStore } from '../../shared/records/record-store.ts';
import type { BehaviorReader } from '../../shared/records/relationships/relationship-store.ts';
import type { RecordAccess } from '../../shared/records/shares/record-access.ts';
import type { Access } from '../../shared/security/access.ts';
import type { Caller } from '../../shared/security/caller.ts';
import type { Principal, PrivilegeAction } from '../../shared/security/privileges.ts';
import type { UserReader } from '../../shared/security/users.ts';

/** What the record endpoints work with. */
export interface RecordPorts {
  readonly recordStore: RecordStore;
  readonly access: Access;
  readonly relationships: BehaviorReader;
  readonly recordAccess: RecordAccess;
  readonly users: UserReader;
  /** Draws the id of a new record. */
  readonly newId: (uses?: number) => string;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
  /** Makes the account of a customer that is uploaded and waits to be synchronized. */
  readonly synchronizeCustomer: SynchronizeCustomer;
}

/** Who may call the record endpoints; channels have addresses of their own. */
export const RECORD_ROLES = ['Administrator', 'User'] as const satisfies readonly Caller['role'][];

/** A request at an address under /tables. */
interface TableRequest {
  readonly caller: Caller;
  readonly params: Readonly<Record<string, string>>;
}

/** The table that a path names, and the caller, who has these privileges on it. Throws Problem not-found, forbidden. */
export async function tableOf(
  { access }: Pick<RecordPorts, 'access'>,
  { caller, params }: TableRequest,
  needs: readonly PrivilegeAction[],
): Promise<{ readonly table: TableName; readonly principal: Principal }> {
  const table = tableFromPath(params.table ?? '');
  const principal = await access.principalOf(caller);
  for (const need of needs) access.requirePrivilege(principal, need, table);
  return { table, principal };
}

/**
 * The live record that a path names, for a caller who has these rights on it. Throws Problem forbidden, and not-found with
 * one text for a record that is not there, a deleted one, and one that the caller may not read; only who may read it is told
 * that it was deleted.
 */
export async function recordOf(
  ports: Pick<RecordPorts, 'recordStore' | 'access'> & { readonly recordAccess: Pick<RecordAccess, 'requireOn'> },
  request: TableRequest,
  needs: readonly PrivilegeAction[],
): Promise<{ readonly table: TableName; readonly principal: Principal; readonly record: StoredRecord }> {
  const { table, principal } = await tableOf(ports, request, needs);
  const found = await storedRecordOf(ports, principal, { table, reference: request.params.id ?? '' }, needs);
  const record = found.tombstone ? await ports.recordStore.get(table, found.value.id) : found;
  return { table, principal, record };
}

/** What a caller names by id or number. */
interface Named {
  readonly table: TableName;
  readonly reference: string;
}

/** The record that a caller names, deleted or not, if it has these rights on it. Throws as `recordOf` does. */
export async function storedRecordOf(
  {
    recordStore,
    recordAccess,
  }: Pick<RecordPorts, 'recordStore'> & { readonly recordAccess: Pick<RecordAccess, 'requireOn'> },
  principal: Principal,
  { table, reference }: Named,
  needs: readonly PrivilegeAction[],
): Promise<StoredRecord> {
  const absent = new Problem('record-absent-or-unreadable', { table, reference });
  const id = await resolveId(recordStore, table, reference);
  const found = id === undefined ? undefined : await recordStore.find(table, id);
  if (!found) throw absent;
  await recordAccess.requireOn(principal, needs, found.value).catch((error: unknown) => {
    throw error instanceof Problem && error.slug === 'not-found' ? absent : error;
  });
  return found;
}

/**
 * The live record that a body or query names in the field `at`. Throws Problem forbidden, and rule-broken with one text for
 * one that is not there, a deleted one, and one that the caller may not read.
 */
export async function namedRecord(
  ports: Parameters<typeof storedRecordOf>[0],
  principal: Principal,
  { at, ...named }: Named & { readonly at: string },
  needs: readonly PrivilegeAction[],
): Promise<StoredRecord> {
  const found = await storedRecordOf(ports, principal, named, needs).catch((error: unknown) => {
    throw error instanceof Problem && error.slug === 'not-found' ? noSuchRecord(at, named.table) : error;
  });
  if (found.tombstone) throw noSuchRecord(at, named.table);
  return found;
}
