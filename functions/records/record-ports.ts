import type { TableName } from '../../shared/catalogue/tables.ts';
import type { SynchronizeCustomer } from '../../shared/customers/apply/customers-on-demand.ts';
import type { RecordValue, StoredRecord } from '../../shared/records/record.ts';
import { idFromPath, tableFromPath } from '../../shared/records/record-requests.ts';
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
  /** Tells the download job that these customers are about to change. To be called before the change. */
  readonly noteCustomersChanged: (customerIds: readonly string[]) => Promise<void>;
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

/** The live record that a path names, for a caller who has these rights on it. Throws Problem not-found, forbidden. */
export async function recordOf(
  ports: Pick<RecordPorts, 'recordStore' | 'access'> & { readonly recordAccess: Pick<RecordAccess, 'requireOn'> },
  request: TableRequest,
  needs: readonly PrivilegeAction[],
): Promise<{ readonly table: TableName; readonly principal: Principal; readonly record: StoredRecord }> {
  const { table, principal } = await tableOf(ports, request, needs);
  const id = await idFromPath(ports.recordStore, table, request.params.id ?? '');
  const record = await ports.recordStore.get(table, id);
  await ports.recordAccess.requireOn(principal, needs, record.value);
  return { table, principal, record };
}

/** The customers whose data a record is part of: the account itself, or the account that it is under. */
export function customersOf({ table, id, lookups }: Pick<RecordValue, 'table' | 'id' | 'lookups'>): string[] {
  if (table === 'account') return [id];
  return Object.entries(lookups).flatMap(([relationship, parentId]) =>
    relationship.startsWith('account_') ? [parentId] : [],
  );
}
