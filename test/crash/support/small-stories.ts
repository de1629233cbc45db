/**
 * Two small stories, told call by call as a patient client would: a call that got no answer is repeated under the same
 * Idempotency-Key. What was accepted is given back, for the invariants to be checked against.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../../../local/demo/api-client.ts';
import type { MortalHost } from './mortal-host.ts';

export const CHANNEL = 'crash-1';

/** A customer that was accepted, and what was asked for. */
export interface ToldCustomer {
  readonly customerId: string;
  readonly operationIds: readonly string[];
}

/** A cascade that was accepted. */
export interface ToldAssign {
  readonly jobId: string;
  /** Every record that it was to change. */
  readonly recordIds: readonly string[];
  readonly ownerId: string;
}

/** What a cascade finds. */
export interface PlantedAccount {
  readonly accountId: string;
  readonly contactIds: readonly string[];
}

/** Brings a fresh host to where channels create customers asynchronously, with the users of the stories. */
export async function prepare({ admin }: MortalHost): Promise<void> {
  for (const [id, name] of [
    ['ann', 'Ann'],
    ['ben', 'Ben'],
  ] as const) {
    await admin.must(`/users/${id}`, { method: 'PUT', body: { name, enabled: true, roles: ['Administrator'] } });
  }
  for (const key of ['performanceImprovements', 'enhancedAsyncCreation', 'asyncAddressCreation', 'editCustomersAsync'])
    await admin.must(`/features/${key}`, { method: 'PUT', body: { enabled: true } });
  const channel = { name: 'Crash', kind: 'POS', profile: { createCustomerInAsyncMode: true } };
  await admin.must(`/channels/${CHANNEL}`, { method: 'PUT', body: channel });
  for (const job of ['1110', '1010', '1070']) await run(admin, `/cdx-jobs/${job}/runs`);
  await admin.must(`/channels/${CHANNEL}/cache/refresh`, { method: 'POST' });
}

/** A customer is made, edited and given an address; uploaded, applied, and its number downloaded. */
export async function tellCustomer(host: MortalHost, key: string): Promise<ToldCustomer> {
  const { admin } = host;
  const pos = await host.channel(CHANNEL);
  const path = `/channels/${CHANNEL}/customers`;
  const ask = async (call: string, method: 'POST' | 'PATCH', body: unknown) => {
    const answer = await pos.must<{ operationId: string; customerId: string; mode: string }>(call, {
      method,
      body,
      idempotencyKey: `${key}-${method}-${call.length}`,
    });
    if (answer.body.mode !== 'Async') throw new Error(`Not asynchronous: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const made = await ask(path, 'POST', { name: `Customer ${key}`, email: `${key}@example.com` });
  const edited = await ask(`${path}/${made.customerId}`, 'PATCH', { phone: '555' });
  const addressed = await ask(`${path}/${made.customerId}/addresses`, 'POST', { street: '1 High Street' });
  await run(admin, '/cdx-jobs/P-0001/runs');
  await run(admin, '/customer-sync/runs');
  await run(admin, '/cdx-jobs/1010/runs');
  return {
    customerId: made.customerId,
    operationIds: [made.operationId, edited.operationId, addressed.operationId],
  };
}

/** An account with two contacts, for a cascade. */
export async function plant({ admin }: MortalHost, key: string): Promise<PlantedAccount> {
  const accountId = await make(admin, `${key}-account`, 'account', { name: `Account ${key}` });
  const contactIds: string[] = [];
  for (const at of [1, 2]) {
    const contact = { fullName: `Contact ${at}`, lookups: { account_contacts: accountId } };
    contactIds.push(await make(admin, `${key}-contact-${at}`, 'contact', contact));
  }
  return { accountId, contactIds };
}

/** The account gets a third contact, and that one an order; then all of them go to another owner. */
export async function tellAssign(
  { admin }: MortalHost,
  { key, ownerId, planted }: { readonly key: string; readonly ownerId: string; readonly planted: PlantedAccount },
): Promise<ToldAssign> {
  const { accountId } = planted;
  const contact = { fullName: 'Contact 3', lookups: { account_contacts: accountId } };
  const contactId = await make(admin, `${key}-contact-3`, 'contact', contact);
  const order = { orderNumber: key, lookups: { contact_orders: contactId } };
  const orderId = await make(admin, `${key}-order`, 'order', order);
  const { body } = await admin.must<{ jobId: string }>(`/tables/account/${accountId}/assign`, {
    method: 'POST',
    body: { ownerId, mode: 'async' },
    idempotencyKey: `${key}-assign`,
  });
  await until(admin, `/system-jobs/${body.jobId}`, 'Completed', ['Paused', 'Failed', 'Canceled']);
  return { jobId: body.jobId, recordIds: [accountId, ...planted.contactIds, contactId, orderId], ownerId };
}

async function make(admin: ApiClient, key: string, table: string, body: unknown): Promise<string> {
  return (await admin.must<{ id: string }>(`/tables/${table}`, { method: 'POST', body, idempotencyKey: key })).body.id;
}

/** Starts a run, or joins the one that is under way, and waits for its end. */
async function run(admin: ApiClient, path: string): Promise<void> {
  const { status, body } = await admin.call<{ runId: string }>(path, { method: 'POST', body: {} });
  if (status >= 300 && status !== 409) throw new Error(`POST ${path} answered ${status}: ${JSON.stringify(body)}`);
  await until(admin, `${path}/${body.runId}`, 'Completed', ['Failed']);
}

const LIMIT_MS = 60_000;
/** Asking costs the host more than it costs us. */
const POLL_MS = 40;

async function until(admin: ApiClient, path: string, wanted: string, bad: readonly string[]): Promise<void> {
  for (const endMs = Date.now() + LIMIT_MS; ; ) {
    const { body } = await admin.must<{ status: string }>(path);
    if (body.status === wanted) return;
    if (bad.includes(body.status) || Date.now() > endMs)
      throw new Error(`${path} didn't come to ${wanted}: ${JSON.stringify(body)}`);
    await sleep(POLL_MS);
  }
}
