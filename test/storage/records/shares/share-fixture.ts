import { recordEndpoints } from '../../../../functions/records/record-endpoints.ts';
import type { RecordPorts } from '../../../../functions/records/record-ports.ts';
import type { TableName } from '../../../../shared/catalogue/tables.ts';
import { bucketOf, createIdSource } from '../../../../shared/records/record-ids.ts';
import { RecordStore } from '../../../../shared/records/record-store.ts';
import { openRelationships } from '../../../../shared/records/relationships/relationship-store.ts';
import { createRecordAccess } from '../../../../shared/records/shares/record-access.ts';
import { maskOf, type Right } from '../../../../shared/records/shares/rights.ts';
import { shareWrite } from '../../../../shared/records/shares/share-rows.ts';
import { grant, type ShareSource } from '../../../../shared/records/shares/share-set.ts';
import { putShared } from '../../../../shared/records/shares/shared-records.ts';
import { findShares } from '../../../../shared/records/shares/shares.ts';
import { createAccess } from '../../../../shared/security/access.ts';
import type { Caller } from '../../../../shared/security/caller.ts';
import { openRoles } from '../../../../shared/security/roles.ts';
import { openUsers } from '../../../../shared/security/users.ts';
import type { StoragePolicy } from '../../../../shared/storage/size-limits.ts';
import { ADMIN, serve, type TestCall } from '../../../support/http-call.ts';
import { openTestStorage } from '../../../support/test-storage.ts';

/** The endpoints of records over real storage, and shares that are written without a job. */
export function createShareFixture(policies: readonly StoragePolicy[] = []) {
  const storage = openTestStorage({ policies });
  const clock = { nowMs: Date.parse('2026-03-01T12:00:00.000Z') };
  const now = () => clock.nowMs;
  const users = openUsers(storage, now);
  const roles = openRoles(storage, now);
  const access = createAccess({ users, roles });
  const records = new RecordStore(storage);
  const relationships = openRelationships(storage, now);
  const newId = createIdSource();
  const ports: RecordPorts = {
    recordStore: records,
    relationships,
    access,
    recordAccess: createRecordAccess(records.tables, access),
    users,
    newId,
    now,
    synchronizeCustomer: async () => {},
  };
  const endpoints = recordEndpoints(ports);
  return {
    records,
    relationships,
    roles,
    clock,
    users,
    callAs: (userId?: string): TestCall => serve(endpoints, { caller: userId === undefined ? ADMIN : asUser(userId) }),
    async putUser(id: string, roleNames: readonly string[] = ['User']): Promise<void> {
      await users.putUser({ id, name: id, enabled: true, roles: roleNames, by: 'admin', ifMatch: undefined });
    },
    async make(table: TableName, ownerId: string, lookups: Record<string, string> = {}): Promise<string> {
      clock.nowMs += 1000;
      const columns = COLUMNS[table] ?? { name: 'A' };
      const common = { createdOn: new Date(clock.nowMs).toISOString(), createdBy: ownerId, state: 'Active' } as const;
      const id = newId();
      await records.create({ value: { id, table, ownerId, columns, lookups, ...common }, origin: id });
      return id;
    },
    /** Makes a record a tombstone, as if a job had deleted it alone. */
    async bury(table: TableName, id: string): Promise<void> {
      const { etag } = await records.get(table, id);
      const deletedOn = new Date(clock.nowMs).toISOString();
      const row = { partitionKey: bucketOf(id), rowKey: id, deletedOn, deletedBy: 'olga' };
      await records.tables.rows(table).write([{ kind: 'merge', row, etag }]);
    },
    async share(
      table: TableName,
      id: string,
      userId: string,
      rights: readonly Right[],
      source: ShareSource,
    ): Promise<void> {
      const { value } = await records.get(table, id);
      await putShared(records.tables, table, [{ userId, recordId: id, createdOn: value.createdOn }]);
      const before = await findShares(records.tables, table, id);
      const set = grant(before.set, userId, source, maskOf(rights));
      const written = await records.tables.rows(table).write([shareWrite(id, before, set)]);
      if (!written.ok) throw new Error(`The share was refused: ${written.conflict}`);
    },
  };
}

export type ShareFixture = ReturnType<typeof createShareFixture>;

const COLUMNS: Partial<Record<TableName, Record<string, string>>> = {
  contact: { fullName: 'C' },
  order: { orderNumber: 'O-1' },
  case: { title: 'T' },
  orderline: { item: 'I' },
  activity: { subject: 'S' },
};

function asUser(id: string): Caller {
  return { role: 'User', id, channel: undefined };
}
