/**
 * The story's second act: the four questions that administrators ask about asynchronous customer mode. Each is brought
 * about, explained by the product itself, and settled by doing what the explanation says.
 */
import { equal, FaqWorld, type View } from './faq-world.ts';
import type { StoryHost } from './story-host.ts';

const [STORE, WEB] = ['faq-store', 'faq-web'];
const EDITING = 'editCustomersAsync';
const JOBS = ['1110', '1010', '1070'];

export interface FaqStoryOptions {
  readonly host: Pick<StoryHost, 'url' | 'token'>;
  /** Told a sentence at each turn of the story. */
  readonly tell: (sentence: string) => void;
}

/** Plays it and checks each answer. Rejects at the first thing that is not as promised. */
export async function playFaqStory({ host, tell }: FaqStoryOptions): Promise<void> {
  const world = await FaqWorld.open(host, tell);
  for (const key of [EDITING, 'asyncAddressCreation', 'enhancedAsyncCreation']) await world.putFeature(key, false);
  for (const channel of [STORE, WEB]) await world.openChannel(channel);
  await featureIsRefused(world);
  const customer = await stillRealTime(world);
  await stillNotVisible(world);
  await notAtHeadquarters(world);
  await heldByAnother(world, customer);
}

async function featureIsRefused(world: FaqWorld): Promise<void> {
  world.tell('Question 1: why can’t "Enable editing customers in asynchronous mode" be switched on?');
  await world.putFeature('performanceImprovements', true);
  const refused = await world.putFeature(EDITING, true);
  equal('answer to switching it on too early', refused.status, 409);
  world.tell(`  409: ${refused.body.detail}`);
  const missing = (refused.body.missingPrerequisites ?? []).map(({ key }) => key);
  equal('list of what is missing', missing, ['enhancedAsyncCreation', 'asyncAddressCreation']);
  for (const key of missing) await world.putFeature(key, true);
  equal('answer after that', (await world.putFeature(EDITING, true)).status, 200);
  world.tell('  What it named was switched on; now it can be.');
}

/** Gives a customer that was made at headquarters at once. */
async function stillRealTime(world: FaqWorld): Promise<string> {
  world.tell('Question 2: the features are on, so why does the channel still make Real-time Service calls?');
  const made = await world.as(STORE, '', { method: 'POST', body: { name: 'Quinn Two', title: 'Dr' } });
  equal('mode before the jobs', [made.mode, made.missingJobs], ['RealTime', JOBS]);
  world.tell(`  RealTime: ${made.reason}`);
  await world.explained(STORE, made.customerId, 'feature-not-downloaded');
  for (const job of made.missingJobs ?? []) await world.run(job);
  const edited = await world.as(STORE, `/${made.customerId}`, { method: 'PATCH', body: { phone: '+45 2' } });
  equal('mode after the jobs', edited.mode, 'Async');
  world.tell('  1110, 1010 and 1070 ran; the next change was staged, and headquarters was not asked.');
  await world.run('P-0001');
  await world.run('customer-sync');
  return made.customerId;
}

async function stillNotVisible(world: FaqWorld): Promise<void> {
  world.tell('Question 3: the jobs have run, so why can’t the change be seen?');
  await world.setCacheAge(3_600);
  await world.as(STORE);
  const { customerId } = await world.as(STORE, '', { method: 'POST', body: { name: 'Quinn Three' } });
  await world.explained(STORE, customerId, 'not-uploaded');
  await world.run('P-0001');
  await world.explained(STORE, customerId, 'not-synced');
  await world.run('customer-sync');
  await world.explained(STORE, customerId, 'number-not-downloaded');
  await world.run('1010');
  await world.explained(STORE, customerId, 'csu-cache');
  const number = async () => (await world.as<View>(STORE, `/${customerId}`)).accountNumber;
  equal('number that the cache shows', await number(), 'Pending sync');
  await world.admin.must(`/channels/${STORE}/cache/refresh`, { method: 'POST' });
  const shown = await number();
  equal('number at headquarters', await numberAtHeadquarters(world, customerId), shown);
  world.tell(`  The cache was refreshed: the channel shows ${shown}.`);
  await world.setCacheAge(null);
}

async function notAtHeadquarters(world: FaqWorld): Promise<void> {
  world.tell('Question 4: the customer isn’t at headquarters, or its operation has failed. What now?');
  const body = { name: 'Quinn Four', currency: 'EURO' };
  const { customerId, operationId } = await world.as(STORE, '', { method: 'POST', body });
  await world.run('customer-sync');
  equal('account, as the sync job alone brings nothing', await numberAtHeadquarters(world, customerId), undefined);
  const order = { orderNumber: 'FAQ-4', lookups: { account_orders: customerId } };
  const refused = await world.admin.call<{ detail: string }>('/tables/order', { method: 'POST', body: order });
  equal('answer to an order for it', refused.status, 422);
  world.tell(`  422: ${refused.body.detail}`);
  await world.explained(STORE, customerId, 'not-uploaded');
  equal('operations that wait for P-0001', (await world.waiting(STORE)).toUpload, 1);
  await world.run('P-0001');
  equal('counts of the sync job', await world.run('customer-sync'), { applied: 0, failed: 1, held: 0 });
  await world.explained(STORE, customerId, 'failed');
  await mend(world, operationId, 'currency', 'EUR');
  await world.run('1010');
  const { accountNumber, syncStatus } = await world.as<View>(STORE, `/${customerId}`);
  equal('number at headquarters', await numberAtHeadquarters(world, customerId), accountNumber);
  equal('status in the channel', syncStatus, 'Synchronized');
  world.tell(`  P-0001, the sync job, edit, Save, Synchronize: the customer is ${accountNumber}.`);
}

async function heldByAnother(world: FaqWorld, customer: string): Promise<void> {
  world.tell('… and where it is another channel’s operation that has failed?');
  const bad = await world.as(WEB, `/${customer}`, { method: 'PATCH', body: { language: 'deutsch?' } });
  await world.run('P-0001');
  await world.run('customer-sync');
  await world.as(STORE, `/${customer}`, { method: 'PATCH', body: { phone: '+45 4' } });
  await world.run('P-0001');
  equal('counts of the sync job', await world.run('customer-sync'), { applied: 0, failed: 0, held: 1 });
  await world.explained(STORE, customer, 'held-by');
  equal('status in the channel', (await world.as<View>(STORE, `/${customer}`)).syncStatus, 'Held');
  await mend(world, bad.operationId, 'language', 'de');
  const { syncStatus, phone } = await world.as<View>(STORE, `/${customer}`);
  equal('customer in the channel', [syncStatus, phone], ['Synchronized', '+45 4']);
  world.tell('  Mended and synchronized; what it held back followed by itself.');
  for (const channel of [STORE, WEB]) {
    const { toUpload, toSynchronize, failed, held } = await world.waiting(channel);
    equal(
      `rest in ${channel}`,
      { toUpload, toSynchronize, failed, held },
      { toUpload: 0, toSynchronize: 0, failed: 0, held: 0 },
    );
  }
}

/** Edit, Save, Synchronize on the page "Customer synchronization status". */
async function mend(world: FaqWorld, operationId: string, name: string, value: string): Promise<void> {
  const path = `/customer-sync/operations/${operationId}`;
  const { headers } = await world.admin.must(path);
  const ifMatch = headers.get('etag') ?? '';
  interface Saved {
    readonly editedBy: string;
    readonly original: readonly { name: string; value: unknown }[];
  }
  const attributes = { [name]: value };
  const { body } = await world.admin.must<Saved>(path, { method: 'PATCH', body: { attributes }, ifMatch });
  const sent = body.original.find((each) => each.name === name)?.value;
  world.tell(`  Save → ${name}: ${String(sent)} became ${value}, edited by ${body.editedBy}.`);
  const { body: run } = await world.admin.must<{ runId: string }>(`${path}/synchronize`, { method: 'POST', body: {} });
  await world.ended(`/customer-sync/runs/${run.runId}`);
  const { body: done } = await world.admin.must<{ status: string }>(path);
  equal('status of the operation', done.status, 'Completed');
}

async function numberAtHeadquarters(world: FaqWorld, customerId: string): Promise<string | undefined> {
  const { status, body } = await world.admin.call<{ accountNumber: string }>(`/tables/account/${customerId}`);
  return status === 200 ? body.accountNumber : undefined;
}
