import { randomUUID } from 'node:crypto';
import { createIdSource } from '../shared/records/record-ids.ts';
import type { RecordStore } from '../shared/records/record-store.ts';

const BATCH = 1000;

/** Makes an account with so many contacts, a thousand at a time, as a batch over HTTP does. */
export async function makeChildren(records: RecordStore, count: number): Promise<{ accountId: string; ids: string[] }> {
  const newId = createIdSource();
  const common = {
    ownerId: 'admin',
    state: 'Active',
    createdBy: 'admin',
  } as const;
  const account = {
    id: newId(),
    table: 'account',
    createdOn: new Date().toISOString(),
    ...common,
    columns: { name: 'Contoso' },
    lookups: {},
  } as const;
  const { value } = await records.create({ value: account, origin: randomUUID() });
  const ids = Array.from({ length: count }, newId);
  for (let at = 0; at < count; at += BATCH) {
    const createdOn = new Date().toISOString();
    const outcomes = await records.createMany(
      ids.slice(at, at + BATCH).map((id, index) => ({
        origin: randomUUID(),
        value: {
          id,
          table: 'contact',
          createdOn,
          ...common,
          columns: { fullName: `Contact ${at + index}`, email: `contact.${at + index}@example.org` },
          lookups: { account_contacts: value.id },
        },
      })),
    );
    const refused = outcomes.find((outcome) => outcome instanceof Error);
    if (refused) throw refused;
  }
  return { accountId: value.id, ids };
}
