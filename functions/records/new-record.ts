import { findRelationship } from '../../shared/catalogue/relationships.ts';
import type { TableName } from '../../shared/catalogue/tables.ts';
import type { NewRecord } from '../../shared/records/create-records.ts';
import { parseNewRecord } from '../../shared/records/record-requests.ts';
import { noEnabledUser } from '../../shared/security/no-enabled-user.ts';
import type { Principal } from '../../shared/security/privileges.ts';
import { namedRecord, type RecordPorts } from './record-ports.ts';

interface Making {
  readonly table: TableName;
  readonly principal: Principal;
  /** Id to take if the caller brings none. */
  readonly freeId: string;
  readonly createdOn: string;
  readonly origin: string;
  /** What was looked at for the request at hand already. */
  readonly looked?: Looked;
}

/** Checks what a caller asks to be made and who may make it. Throws Problem invalid-request, rule-broken, forbidden. */
export async function newRecord(ports: RecordPorts, body: unknown, making: Making): Promise<NewRecord> {
  const { table, principal, createdOn, origin, looked = createLooked(ports) } = making;
  const {
    id = making.freeId,
    ownerId = principal.userId,
    state,
    columns,
    lookups,
  } = await parseNewRecord(ports.recordStore, table, body);
  ports.access.requirePrivilege(principal, 'Create', table);
  if (ownerId !== principal.userId) {
    const owner = await looked.owner(ownerId);
    if (owner.state !== 'present') throw noEnabledUser('ownerId', ownerId);
    ports.access.requirePrivilege(principal, 'Assign', table);
  }
  await requireAppend(ports, principal, table, lookups, looked);
  return { origin, value: { id, table, ownerId, state, createdOn, createdBy: principal.userId, columns, lookups } };
}

/**
 * Putting a record under another takes Append on its table and AppendTo on the parent. Customers that wait for the sync job are
 * synchronized first.
 */
export async function requireAppend(
  ports: RecordPorts,
  principal: Principal,
  table: TableName,
  lookups: Readonly<Record<string, string | null | undefined>>,
  looked: Looked = createLooked(ports),
): Promise<void> {
  for (const [name, parentId] of Object.entries(lookups)) {
    const parentTable = findRelationship(name)?.parent;
    if (!parentTable || !parentId) continue;
    ports.access.requirePrivilege(principal, 'Append', table);
    await looked.parent(principal, { at: `lookups.${name}`, table: parentTable, reference: parentId });
  }
}

/** The field that names a parent, and the parent. */
interface Parent {
  readonly at: string;
  readonly table: TableName;
  readonly reference: string;
}

/** What many records of one request have in common: each owner and each parent is looked at once. */
export interface Looked {
  owner(userId: string): ReturnType<RecordPorts['users']['findUser']>;
  /** Throws what stands against the principal's putting records under it. */
  parent(principal: Principal, parent: Parent): Promise<void>;
}

/** For one request, and no longer. Whether a parent lives and isn't fenced is looked at again when the records are written. */
export function createLooked(ports: RecordPorts): Looked {
  const owners = new Map<string, ReturnType<Looked['owner']>>();
  const parents = new Map<string, Promise<void>>();
  const check = async (principal: Principal, parent: Parent): Promise<void> => {
    const { table, reference } = parent;
    if (table === 'account' && !(await ports.recordStore.find(table, reference))) {
      await ports.synchronizeCustomer(reference);
    }
    await namedRecord(ports, principal, parent, ['AppendTo']);
  };
  return {
    owner: (userId) => once(owners, userId, () => ports.users.findUser(userId)),
    parent: (principal, parent) => once(parents, `${parent.at}|${parent.reference}`, () => check(principal, parent)),
  };
}

function once<T>(known: Map<string, Promise<T>>, key: string, read: () => Promise<T>): Promise<T> {
  const found = known.get(key) ?? read();
  known.set(key, found);
  return found;
}
