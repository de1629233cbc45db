/**
 * The story's fourth act: the two example plug-ins take part in an Assign. One notes who handed the account over, the other
 * refuses orders that are locked: the job does the rest, pauses, and names plug-in, step, record and reason.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiClient } from './api-client.ts';
import type { SystemJob } from './assign-scene.ts';
import { equal } from './faq-scene.ts';
import type { StoryHost } from './story-host.ts';

export interface PluginStoryOptions {
  readonly host: Pick<StoryHost, 'url' | 'token'>;
  /** Told a sentence at each turn of the story. */
  readonly tell: (sentence: string) => void;
}

interface Plugin {
  readonly name: string;
  readonly description: string;
  readonly table: string;
  readonly action: string;
  readonly step: string;
  readonly enabled: boolean;
}

type PausedJob = SystemJob & {
  readonly pauseReason: { readonly plugin?: string; readonly records?: readonly string[] } | null;
};

const ORDERS = 30;
const LOCKED = 2;
const PATIENCE_MS = 120_000;

/** Plays it and checks its end. Rejects at the first thing that is not as promised. */
export async function playPluginStory({ host, tell }: PluginStoryOptions): Promise<void> {
  const admin = new ApiClient(host.url, await host.token('Administrator'));
  await admin.must('/users/gina', { method: 'PUT', body: { name: 'Gina', enabled: true, roles: ['User'] } });
  tell('Two example plug-ins come with Spillway, off until somebody wants them:');
  await switchOn(admin, tell);
  const { accountId, locked } = await build(admin);
  tell(`A key account with ${ORDERS} orders, ${LOCKED} of which are locked, is assigned to Gina.`);
  const { body } = await admin.must<{ jobId: string }>(`/tables/account/${accountId}/assign`, {
    method: 'POST',
    body: { ownerId: 'gina', mode: 'async' },
  });
  const [mended = '', passedOver = ''] = await refused(admin, body.jobId, locked, tell);
  await unlock(admin, mended);
  const retry = `/system-jobs/${body.jobId}/retry`;
  await admin.must(retry, { method: 'POST', body: { records: [mended] } });
  const again = await until(admin, body.jobId, (job) => isPausedFor(job, [passedOver]));
  tell(`  One was unlocked and retried: ${again.progress.done} done, ${again.progress.failed} left.`);
  await admin.must(`/system-jobs/${body.jobId}/skip`, { method: 'POST' });
  const { progress } = await until(admin, body.jobId, ({ status }) => status === 'Completed');
  equal('end of the job', progress, { ...progress, total: ORDERS + 1, done: ORDERS, failed: 0, skipped: 1 });
  equal('owner of the order that was unlocked', await ownerOf(admin, mended), 'gina');
  equal('owner of the order that was passed over', await ownerOf(admin, passedOver), 'admin');
  tell(`  The other was skipped: Completed, ${progress.done} done and ${progress.skipped} skipped.`);
  await noted(admin, accountId, tell);
  await putDisabled(admin, null);
}

async function switchOn(admin: ApiClient, tell: PluginStoryOptions['tell']): Promise<void> {
  await putDisabled(admin, []);
  const { body } = await admin.must<{ items: readonly Plugin[] }>('/plugins?action=assign');
  for (const { name, step, action, table, description } of body.items) {
    tell(`  ${name} (${step} ${action} of ${table}): ${description}`);
  }
  const on = body.items.filter(({ enabled }) => enabled).map(({ name }) => name);
  equal('list of plug-ins that are on', on, ['order-lock-guard', 'account-handover-note']);
}

async function putDisabled(admin: ApiClient, disabledPlugins: readonly string[] | null): Promise<void> {
  const { headers } = await admin.must('/settings');
  const ifMatch = headers.get('etag') ?? '';
  await admin.must('/settings', { method: 'PATCH', body: { disabledPlugins }, ifMatch });
}

async function build(admin: ApiClient): Promise<{ readonly accountId: string; readonly locked: readonly string[] }> {
  const account = { name: 'Key Contoso', group: 'Key accounts' };
  const { id: accountId } = (await admin.must<{ id: string }>('/tables/account', { method: 'POST', body: account }))
    .body;
  const records = Array.from({ length: ORDERS }, (_, at) => ({
    orderNumber: `K-${at}`,
    status: at < LOCKED ? 'Locked' : 'Open',
    lookups: { account_orders: accountId },
  }));
  const call = { method: 'POST', body: { records } } as const;
  const { body } = await admin.must<{ results: readonly { id: string }[] }>('/tables/order/batch', call);
  return { accountId, locked: body.results.slice(0, LOCKED).map(({ id }) => id) };
}

/** Waits for the pause that names the locked orders, and gives these. */
async function refused(
  admin: ApiClient,
  jobId: string,
  locked: readonly string[],
  tell: PluginStoryOptions['tell'],
): Promise<readonly string[]> {
  const { progress, pauseReason, messages } = await until(admin, jobId, (job) => isPausedFor(job, locked));
  equal('records done beside those', [progress.done, progress.failed], [ORDERS + 1 - LOCKED, LOCKED]);
  equal('plug-in that the pause names', pauseReason?.plugin, 'order-lock-guard');
  const said = messages.map(({ text }) => text).find((text) => text.includes('(before assign) on order'));
  if (!said?.includes('is locked. Give it another status')) throw new Error(`No message says why: ${said}`);
  tell(`  Paused after ${progress.done} of ${progress.total}: ${said}`);
  return locked;
}

function isPausedFor({ status, pauseReason }: PausedJob, records: readonly string[]): boolean {
  return (
    status === 'Paused' &&
    JSON.stringify([...(pauseReason?.records ?? [])].sort()) === JSON.stringify([...records].sort())
  );
}

/** The plug-in's own writes came with the change of the account, once. */
async function noted(admin: ApiClient, accountId: string, tell: PluginStoryOptions['tell']): Promise<void> {
  const subjects: string[] = [];
  const path = `/tables/account/${accountId}/related/account_activities`;
  for await (const { subject } of admin.list<{ subject: string }>(path)) subjects.push(subject);
  equal('notes under the account', subjects, ['admin handed over from admin to gina']);
  tell(`  Under the account, written in the transaction that gave it away: "${subjects[0]}".`);
}

async function unlock(admin: ApiClient, orderId: string): Promise<void> {
  const { headers } = await admin.must(`/tables/order/${orderId}`);
  const ifMatch = headers.get('etag') ?? '';
  await admin.must(`/tables/order/${orderId}`, { method: 'PATCH', body: { status: 'Open' }, ifMatch });
}

async function ownerOf(admin: ApiClient, orderId: string): Promise<string> {
  return (await admin.must<{ ownerId: string }>(`/tables/order/${orderId}`)).body.ownerId;
}

async function until(admin: ApiClient, jobId: string, isSo: (job: PausedJob) => boolean): Promise<PausedJob> {
  const endMs = Date.now() + PATIENCE_MS;
  for (;;) {
    const { body } = await admin.must<PausedJob>(`/system-jobs/${jobId}`);
    if (isSo(body)) return body;
    if (['Completed', 'Failed', 'Canceled'].includes(body.status) || Date.now() > endMs) {
      throw new Error(`Job ${jobId} isn't as it should be: ${JSON.stringify(body)}`);
    }
    await sleep(20);
  }
}
