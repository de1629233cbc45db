import { randomUUID } from 'node:crypto';
import type { RecordValue } from '../shared/records/record.ts';
import { createIdSource } from '../shared/records/record-ids.ts';
import type { RecordStore } from '../shared/records/record-store.ts';

const BATCH = 1000;

type Made = Pick<RecordValue, 'id' | 'table' | 'columns' | 'lookups'>;

/** Makes an account with so many contacts. */
export async function makeChildren(
  records: RecordStore,
  count: number,
  newId: () => string = createIdSource(),
): Promise<{ accountId: string; ids: string[] }> {
  const accountId = newId();
  await makeRecords(records, [{ id: accountId, table: 'account', columns: { name: 'Contoso' }, lookups: {} }]);
  const contacts = Array.from({ length: count }, (_, at) => ({
    id: newId(),
    table: 'contact' as const,
    columns: { fullName: `Contact ${at}`, email: `contact.${at}@example.org` },
    lookups: { account_contacts: accountId },
  }));
  await makeRecords(records, contacts);
  return { accountId, ids: contacts.map(({ id }) => id) };
}

/** Makes records a thousand at a time, as batches over HTTP do. */
export async function makeRecords(records: RecordStore, made: readonly Made[]): Promise<void> {
  for (let at = 0; at < made.length; at += BATCH) {
    const common = {
      ownerId: 'admin',
      state: 'Active',
      createdBy: 'admin',
      createdOn: new Date().toISOString(),
    } as const;
    const outcomes = await records.createMany(
      made.slice(at, at + BATCH).map((value) => ({ origin: randomUUID(), value: { ...common, ...value } })),
    );
    const refused = outcomes.find((outcome) => outcome instanceof Error);
    if (refused) throw refused;
  }
}
