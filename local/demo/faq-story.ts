/**
 * The story's second act: the four questions that administrators ask about asynchronous customer mode. Each is brought
 * about, explained by the product itself, and settled by doing what the explanation says.
 */
import { equal, FaqScene, type View } from './faq-scene.ts';
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
  const scene = await FaqScene.open(host, tell);
  for (const key of [EDITING, 'asyncAddressCreation', 'enhancedAsyncCreation']) await scene.putFeature(key, false);
  for (const channel of [STORE, WEB]) await scene.openChannel(channel);
  await featureIsRefused(scene);
  const customer = await stillRealTime(scene);
  await stillNotVisible(scene);
  await notAtHeadquarters(scene);
  await heldByAnother(scene, customer);
}

async function featureIsRefused(scene: FaqScene): Promise<void> {
  scene.tell('Question 1: why can’t "Enable editing customers in asynchronous mode" be switched on?');
  await scene.putFeature('performanceImprovements', true);
  const refused = await scene.putFeature(EDITING, true);
  equal('answer to switching it on too early', refused.status, 409);
  scene.tell(`  409: ${refused.body.detail}`);
  const missing = (refused.body.missingPrerequisites ?? []).map(({ key }) => key);
  equal('list of what is missing', missing, ['enhancedAsyncCreation', 'asyncAddressCreation']);
  for (const key of missing) await scene.putFeature(key, true);
  equal('answer after that', (await scene.putFeature(EDITING, true)).status, 200);
  scene.tell('  What it named was switched on; now it can be.');
}

/** Gives a customer that was made at headquarters at once. */
async function stillRealTime(scene: FaqScene): Promise<string> {
  scene.tell('Question 2: the features are on, so why does the channel still make Real-time Service calls?');
  const made = await scene.as(STORE, '', { method: 'POST', body: { name: 'Quinn Two', title: 'Dr' } });
  equal('mode before the jobs', [made.mode, made.missingJobs], ['RealTime', JOBS]);
  scene.tell(`  RealTime: ${made.reason}`);
  await scene.explained(STORE, made.customerId, 'feature-not-downloaded');
  for (const job of made.missingJobs ?? []) await scene.run(job);
  const edited = await scene.as(STORE, `/${made.customerId}`, { method: 'PATCH', body: { phone: '+45 2' } });
  equal('mode after the jobs', edited.mode, 'Async');
  scene.tell('  1110, 1010 and 1070 ran; the next change was staged, and headquarters was not asked.');
  await scene.run('P-0001');
  await scene.run('customer-sync');
  return made.customerId;
}

async function stillNotVisible(scene: FaqScene): Promise<void> {
  scene.tell('Question 3: the jobs have run, so why can’t the change be seen?');
  await scene.setCacheAge(3_600);
  await scene.as(STORE);
  const { customerId } = await scene.as(STORE, '', { method: 'POST', body: { name: 'Quinn Three' } });
  await scene.explained(STORE, customerId, 'not-uploaded');
  await scene.run('P-0001');
  await scene.explained(STORE, customerId, 'not-synced');
  await scene.run('customer-sync');
  await scene.explained(STORE, customerId, 'number-not-downloaded');
  await scene.run('1010');
  await scene.explained(STORE, customerId, 'csu-cache');
  const number = async () => (await scene.as<View>(STORE, `/${customerId}`)).accountNumber;
  equal('number that the cache shows', await number(), 'Pending sync');
  await scene.admin.must(`/channels/${STORE}/cache/refresh`, { method: 'POST' });
  const shown = await number();
  equal('number at headquarters', await numberAtHeadquarters(scene, customerId), shown);
  scene.tell(`  The cache was refreshed: the channel shows ${shown}.`);
  await scene.setCacheAge(null);
}

async function notAtHeadquarters(scene: FaqScene): Promise<void> {
  scene.tell('Question 4: the customer isn’t at headquarters, or its operation has failed. What now?');
  const body = { name: 'Quinn Four', currency: 'EURO' };
  const { customerId, operationId } = await scene.as(STORE, '', { method: 'POST', body });
  await scene.run('customer-sync');
  equal('account, as the sync job alone brings nothing', await numberAtHeadquarters(scene, customerId), undefined);
  const order = { orderNumber: 'FAQ-4', lookups: { account_orders: customerId } };
  const refused = await scene.admin.call<{ detail: string }>('/tables/order', { method: 'POST', body: order });
  equal('answer to an order for it', refused.status, 422);
  scene.tell(`  422: ${refused.body.detail}`);
  await scene.explained(STORE, customerId, 'not-uploaded');
  equal('operations that wait for P-0001', (await scene.waiting(STORE)).toUpload, 1);
  await scene.run('P-0001');
  equal('counts of the sync job', await scene.run('customer-sync'), { applied: 0, failed: 1, held: 0 });
  await scene.explained(STORE, customerId, 'failed');
  await mend(scene, operationId, 'currency', 'EUR');
  await scene.run('1010');
  const { accountNumber, syncStatus } = await scene.as<View>(STORE, `/${customerId}`);
  equal('number at headquarters', await numberAtHeadquarters(scene, customerId), accountNumber);
  equal('status in the channel', syncStatus, 'Synchronized');
  scene.tell(`  P-0001, the sync job, edit, Save, Synchronize: the customer is ${accountNumber}.`);
}

async function heldByAnother(scene: FaqScene, customer: string): Promise<void> {
  scene.tell('… and where it is another channel’s operation that has failed?');
  const bad = await scene.as(WEB, `/${customer}`, { method: 'PATCH', body: { language: 'deutsch?' } });
  await scene.run('P-0001');
  await scene.run('customer-sync');
  await scene.as(STORE, `/${customer}`, { method: 'PATCH', body: { phone: '+45 4' } });
  await scene.run('P-0001');
  equal('counts of the sync job', await scene.run('customer-sync'), { applied: 0, failed: 0, held: 1 });
  await scene.explained(STORE, customer, 'held-by');
  equal('status in the channel', (await scene.as<View>(STORE, `/${customer}`)).syncStatus, 'Held');
  await mend(scene, bad.operationId, 'language', 'de');
  const { syncStatus, phone } = await scene.as<View>(STORE, `/${customer}`);
  equal('customer in the channel', [syncStatus, phone], ['Synchronized', '+45 4']);
  scene.tell('  Mended and synchronized; what it held back followed by itself.');
  for (const channel of [STORE, WEB]) {
    const { toUpload, toSynchronize, failed, held } = await scene.waiting(channel);
    equal(
      `rest in ${channel}`,
      { toUpload, toSynchronize, failed, held },
      { toUpload: 0, toSynchronize: 0, failed: 0, held: 0 },
    );
  }
}

/** Edit, Save, Synchronize on the page "Customer synchronization status". */
async function mend(scene: FaqScene, operationId: string, name: string, value: string): Promise<void> {
  const path = `/customer-sync/operations/${operationId}`;
  const { headers } = await scene.admin.must(path);
  const ifMatch = headers.get('etag') ?? '';
  interface Saved {
    readonly editedBy: string;
    readonly original: readonly { name: string; value: unknown }[];
  }
  const attributes = { [name]: value };
  const { body } = await scene.admin.must<Saved>(path, { method: 'PATCH', body: { attributes }, ifMatch });
  const sent = body.original.find((each) => each.name === name)?.value;
  scene.tell(`  Save → ${name}: ${String(sent)} became ${value}, edited by ${body.editedBy}.`);
  const { body: run } = await scene.admin.must<{ runId: string }>(`${path}/synchronize`, { method: 'POST', body: {} });
  await scene.ended(`/customer-sync/runs/${run.runId}`);
  const { body: done } = await scene.admin.must<{ status: string }>(path);
  equal('status of the operation', done.status, 'Completed');
}

async function numberAtHeadquarters(scene: FaqScene, customerId: string): Promise<string | undefined> {
  const { status, body } = await scene.admin.call<{ accountNumber: string }>(`/tables/account/${customerId}`);
  return status === 200 ? body.accountNumber : undefined;
}
