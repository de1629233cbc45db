/**
 * Small stories, told call by call as a patient client would: a call that got no answer is repeated under the same
 * Idempotency-Key. What was accepted is given back, for the invariants to be checked against.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiCall, ApiClient } from '../../../local/demo/api-client.ts';
import type { MortalHost } from './mortal-host.ts';
import type { PlantedPair, Told, ToldCascade, ToldCustomer } from './told.ts';

export const CHANNEL = 'crash-1';
/** A transaction whose host has died is past it when the next host lives. */
const DEADLINE_SECONDS = 20;
/** What accounts have that others take from them by a merge. */
export const PHONE = '555';

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
  const edited = await ask(`${path}/${made.customerId}`, 'PATCH', { phone: PHONE });
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
  const accountId = await make(admin, `${key}-account`, 'account', { name: `Account ${key}`, phone: PHONE });
  const records = Array.from({ length: contacts }, (_, at) => ({
    fullName: `Contact ${at}`,
    lookups: { account_contacts: accountId },
  }));
  const contactIds = await makeMany(admin, `${key}-contacts`, 'contact', records);
  return { accountId, contactIds };
}

/**
 * Two accounts for a merge. Contacts of the one are to move, and the order of one of these, which is the account's too;
 * the order of another contact lies a level too deep.
 */
export async function plantPair(host: MortalHost, key: string, contacts = 2): Promise<PlantedPair> {
  const { admin } = host;
  const [targetId, { accountId: subordinateId, contactIds }] = await Promise.all([
    make(admin, `${key}-target`, 'account', { name: `Target ${key}` }),
    plant(host, key, contacts),
  ]);
  const [first = '', second = ''] = contactIds;
  const [orderId = ''] = await makeMany(admin, `${key}-orders`, 'order', [
    { orderNumber: `${key}-1`, lookups: { account_orders: subordinateId, contact_orders: first } },
    { orderNumber: `${key}-2`, lookups: { contact_orders: second } },
  ]);
  return { targetId, subordinateId, movedIds: [...contactIds, orderId] };
}

/** How a cascade is told. */
export interface Telling<Planted = PlantedAccount> {
  readonly key: string;
  readonly planted: Planted;
  readonly told: Told;
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
  told.together.push(recordIds);
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

/** One account is merged into the other, in batches; meanwhile it may get another contact. */
export async function tellMergeInBatches(
  { admin }: MortalHost,
  { key, planted, told }: Telling<PlantedPair>,
  getsLate = false,
): Promise<void> {
  const contact = { fullName: 'The late', lookups: { account_contacts: planted.subordinateId } };
  const [job, lateId] = await Promise.all([
    merge(admin, key, planted, 'async'),
    getsLate ? make(admin, `${key}-late`, 'contact', contact) : undefined,
  ]);
  told.merges.push({ ...job, ...planted, ...(lateId !== undefined && { lateId }) });
}

/** One account is merged into the other at one moment. */
export async function tellMergeInTransaction(
  { admin }: MortalHost,
  { key, planted, told }: Telling<PlantedPair>,
): Promise<void> {
  told.together.push([planted.targetId, planted.subordinateId, ...planted.movedIds]);
  told.merges.push({ ...(await merge(admin, key, planted, 'sync')), ...planted });
}

function merge(
  admin: ApiClient,
  key: string,
  { targetId, subordinateId }: PlantedPair,
  mode: 'sync' | 'async',
): Promise<ToldCascade> {
  return cascade(admin, `/tables/account/${targetId}/merge`, {
    method: 'POST',
    body: { subordinateId, mode },
    idempotencyKey: `${key}-merge`,
  });
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

async function makeMany(admin: ApiClient, key: string, table: string, records: unknown[]): Promise<string[]> {
  const path = `/tables/${table}/batch`;
  const call = { method: 'POST', body: { records }, idempotencyKey: key } as const;
  const { body } = await admin.must<{ results: { id: string }[] }>(path, call);
  const ids = body.results.map(({ id }) => id);
  if (ids.some((id) => !id)) throw new Error(`Not all of ${table} were made: ${JSON.stringify(body)}`);
  return ids;
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
