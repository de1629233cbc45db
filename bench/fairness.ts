import { randomUUID } from 'node:crypto';
import { createIdSource } from '../shared/records/record-ids.ts';
import type { RecordStore } from '../shared/records/record-store.ts';
import { makeChildren, makeRecords } from './children.ts';
import { completed, type serveAsAdmin, startAssign } from './job.ts';

const ORDERS_PER_CONTACT = 250;
const SMALL = 9;

/**
 * How long jobs of ten records take that are started one after the other while a job of very many runs: the longest, in
 * milliseconds from the request to Completed. `small`: so many of them; the large job must outlast them all.
 */
export async function longestBeside(
  { admin, records }: Pick<Awaited<ReturnType<typeof serveAsAdmin>>, 'admin' | 'records'>,
  large: number,
  small: number,
): Promise<number> {
  const accounts: string[] = [];
  for (let count = 0; count < small; count++) accounts.push((await makeChildren(records, SMALL)).accountId);
  const root = await makeFamily(records, large);
  const running = completed(admin, await startAssign(admin, root));
  const times: number[] = [];
  for (const accountId of accounts) {
    const startMs = Date.now();
    times.push((await completed(admin, await startAssign(admin, accountId))) - startMs);
  }
  const endedMs = Date.now();
  if ((await running) < endedMs) throw new Error('The large job ended before the small ones: it is too small');
  return Math.max(...times);
}

/**
 * An account with contacts, each of which has orders, so many records below it in all. Its contacts have ids of clients,
 * which are spread over many buckets; so no partition of hints becomes very large.
 */
async function makeFamily(records: RecordStore, count: number): Promise<string> {
  const contacts = Math.floor(count / (ORDERS_PER_CONTACT + 1));
  const { accountId, ids } = await makeChildren(records, contacts, randomUUID);
  const newId = createIdSource();
  const orders = ids.flatMap((contactId) =>
    Array.from({ length: ORDERS_PER_CONTACT }, (_, at) => ({
      id: newId(),
      table: 'order' as const,
      columns: { orderNumber: `${contactId.slice(0, 8)}-${at}` },
      lookups: { contact_orders: contactId },
    })),
  );
  await makeRecords(records, orders);
  return accountId;
}
