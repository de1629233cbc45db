/**
 * Two small stories, told call by call as a patient client would: a call that got no answer is repeated under the same
 * Idempotency-Key. What was accepted is given back, for the invariants to be checked against.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiCall, ApiClient } from '../../../local/demo/api-client.ts';
import type { MortalHost } from './mortal-host.ts';

export const CHANNEL = 'crash-1';
/** A transaction whose host has died is past it when the next host lives. */
const DEADLINE_SECONDS = 20;

/** A customer that was accepted, and what was asked for. */
export interface ToldCustomer {
  readonly customerId: string;
  readonly operationIds: readonly string[];
}

/** A cascade that was accepted. */
export interface ToldCascade {
  readonly jobId: string;
  readonly mode: 'sync' | 'async';
}

/** An assign. */
export interface ToldAssign extends ToldCascade {
  /** Every record that it was to change. */
  readonly recordIds: readonly string[];
  readonly ownerId: string;
}

/** A delete. */
export interface ToldDelete extends ToldCascade {
  /** Every record that it was to delete. */
  readonly deletedIds: readonly string[];
  /** Every record that it was only to unlink. */
  readonly unlinkedIds: readonly string[];
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
  await patchSettings(admin, { transactionDeadlineSeconds: DEADLINE_SECONDS });
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

/** An account with contacts, for a cascade. */
export async function plant({ admin }: MortalHost, key: string, contacts = 2): Promise<PlantedAccount> {
  const accountId = await make(admin, `${key}-account`, 'account', { name: `Account ${key}` });
  const records = Array.from({ length: contacts }, (_, at) => ({
    fullName: `Contact ${at}`,
    lookups: { account_contacts: accountId },
  }));
  const { body } = await admin.must<{ results: { id: string }[] }>('/tables/contact/batch', {
    method: 'POST',
    body: { records },
    idempotencyKey: `${key}-contacts`,
  });
  const contactIds = body.results.map(({ id }) => id);
  if (contactIds.some((id) => !id)) throw new Error(`Not all contacts were made: ${JSON.stringify(body)}`);
  return { accountId, contactIds };
}

/** How a cascade is told. */
interface Telling {
  readonly key: string;
  readonly planted: PlantedAccount;
  readonly told: { readonly assigns: ToldAssign[]; readonly deletes: ToldDelete[] };
}

/** The account gets a third contact, and that one an order; all of them go to another owner; then the account is deleted. */
export async function tellBatches({ admin }: MortalHost, { key, planted, told }: Telling): Promise<void> {
  const { accountId } = planted;
  const contact = { fullName: 'The last', lookups: { account_contacts: accountId } };
  const contactId = await make(admin, `${key}-contact-3`, 'contact', contact);
  const order = { orderNumber: key, lookups: { contact_orders: contactId } };
  const orderId = await make(admin, `${key}-order`, 'order', order);
  const contactIds = [...planted.contactIds, contactId];
  const assigned = await cascade(admin, `/tables/account/${accountId}/assign`, {
    method: 'POST',
    body: { ownerId: 'ann', mode: 'async' },
    idempotencyKey: `${key}-assign`,
  });
  told.assigns.push({ ...assigned, recordIds: [accountId, ...contactIds, orderId], ownerId: 'ann' });
  const deleted = await cascade(admin, `/tables/account/${accountId}?mode=async`, {
    method: 'DELETE',
    idempotencyKey: `${key}-delete`,
  });
  told.deletes.push({ ...deleted, deletedIds: [accountId, ...contactIds], unlinkedIds: [orderId] });
}

/** All records go to another owner at one moment, and are deleted at another. */
export async function tellTransactions({ admin }: MortalHost, { key, planted, told }: Telling): Promise<void> {
  const { accountId } = planted;
  const recordIds = [accountId, ...planted.contactIds];
  const assigned = await cascade(admin, `/tables/account/${accountId}/assign`, {
    method: 'POST',
    body: { ownerId: 'ben', mode: 'sync' },
    idempotencyKey: `${key}-assign`,
  });
  told.assigns.push({ ...assigned, recordIds, ownerId: 'ben' });
  const deleted = await cascade(admin, `/tables/account/${accountId}?mode=sync`, {
    method: 'DELETE',
    idempotencyKey: `${key}-delete`,
  });
  told.deletes.push({ ...deleted, deletedIds: recordIds, unlinkedIds: [] });
}

/** Starts a cascade, and waits for its end. One that took minutes to begin, over several deaths, is asked for anew as it says. */
async function cascade(admin: ApiClient, path: string, call: ApiCall): Promise<ToldCascade> {
  const { status, body } = await admin.call<{ jobId: string; detail?: string }>(path, call);
  if (status === 409 && body.detail?.includes('with a new Idempotency-Key'))
    return cascade(admin, path, { ...call, idempotencyKey: `${call.idempotencyKey}-anew` });
  if (status >= 300) throw new Error(`${call.method} ${path} answered ${status}: ${JSON.stringify(body)}`);
  if (status === 202) await until(admin, `/system-jobs/${body.jobId}`, 'Completed', ['Paused', 'Failed', 'Canceled']);
  return { jobId: body.jobId, mode: status === 202 ? 'async' : 'sync' };
}

async function make(admin: ApiClient, key: string, table: string, body: unknown): Promise<string> {
  return (await admin.must<{ id: string }>(`/tables/${table}`, { method: 'POST', body, idempotencyKey: key })).body.id;
}

/** Starts a run, or joins the one that is under way, and waits for its end. */
async function run(admin: ApiClient, path: string): Promise<void> {
  const { status, body } = await admin.call<{ runId: string }>(path, { method: 'POST', body: {}, final: 409 });
  if (status >= 300 && status !== 409) throw new Error(`POST ${path} answered ${status}: ${JSON.stringify(body)}`);
  await until(admin, `${path}/${body.runId}`, 'Completed', ['Failed']);
}

async function patchSettings(admin: ApiClient, body: unknown): Promise<void> {
  const { headers } = await admin.must('/settings');
  const ifMatch = headers.get('etag') ?? '';
  await admin.must('/settings', { method: 'PATCH', body, ...(ifMatch && { ifMatch }) });
}

/** Counted, not timed: a machine that stood still meanwhile has lost nothing. */
const MOST_POLLS = 1_500;
/** Asking costs the host more than it costs us. */
const POLL_MS = 40;

async function until(admin: ApiClient, path: string, wanted: string, bad: readonly string[]): Promise<void> {
  for (let poll = 1; ; poll++) {
    const { body } = await admin.must<{ status: string }>(path);
    if (body.status === wanted) return;
    if (bad.includes(body.status) || poll === MOST_POLLS)
      throw new Error(`${path} didn't come to ${wanted}: ${JSON.stringify(body)}`);
    await sleep(POLL_MS);
  }
}
