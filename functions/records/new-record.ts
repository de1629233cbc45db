import { findRelationship } from '../../shared/catalogue/relationships.ts';
import type { TableName } from '../../shared/catalogue/tables.ts';
import { Problem } from '../../shared/problem.ts';
import type { NewRecord } from '../../shared/records/create-records.ts';
import { parseNewRecord } from '../../shared/records/record-requests.ts';
import type { Principal } from '../../shared/security/privileges.ts';
import type { RecordPorts } from './record-ports.ts';

interface Making {
  readonly table: TableName;
  readonly principal: Principal;
  /** Id to take if the caller brings none. */
  readonly freeId: string;
  readonly createdOn: string;
  readonly origin: string;
}

/** Checks what a caller asks to be made and who may make it. Throws Problem invalid-request, rule-broken, forbidden. */
export async function newRecord(ports: RecordPorts, body: unknown, making: Making): Promise<NewRecord> {
  const { table, principal, createdOn, origin } = making;
  const {
    id = making.freeId,
    ownerId = principal.userId,
    state,
    columns,
    lookups,
  } = await parseNewRecord(ports.records, table, body);
  ports.access.requirePrivilege(principal, 'Create', table, { ownerId: principal.userId });
  if (ownerId !== principal.userId) {
    const owner = await ports.users.findUser(ownerId);
    if (owner.state !== 'present') throw new Problem('rule-broken', `ownerId: there is no enabled user ${ownerId}.`);
    ports.access.requirePrivilege(principal, 'Assign', table);
  }
  await requireAppend(ports, principal, table, lookups);
  return { origin, value: { id, table, ownerId, state, createdOn, createdBy: principal.userId, columns, lookups } };
}

/**
 * Putting a record under another takes Append on its table and AppendTo on the parent. Customers that wait for the sync job are
 * synchronized first; parents that don't exist are refused later.
 */
export async function requireAppend(
  { access, recordAccess, records, synchronizeCustomer }: RecordPorts,
  principal: Principal,
  table: TableName,
  lookups: Readonly<Record<string, string | null | undefined>>,
): Promise<void> {
  for (const [name, parentId] of Object.entries(lookups)) {
    const parentTable = findRelationship(name)?.parent;
    if (!parentTable || !parentId) continue;
    access.requirePrivilege(principal, 'Append', table);
    let parent = await records.find(parentTable, parentId);
    if (!parent && parentTable === 'account') {
      await synchronizeCustomer(parentId);
      parent = await records.find(parentTable, parentId);
    }
    if (parent) await recordAccess.requireOn(principal, ['AppendTo'], parent.value);
  }
}
