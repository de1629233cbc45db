/**
 * The story's third act: an account with thousands of contacts gets new owners, one after the other, while everything
 * that can go wrong does. In the end each record's version has risen exactly as often as somebody changed it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiClient } from './api-client.ts';
import { AssignScene, type AssignStoryHost, CONTACTS } from './assign-scene.ts';

export interface AssignStoryOptions {
  readonly contacts: number;
  readonly host: AssignStoryHost;
  readonly tell: (sentence: string) => void;
}

/** So few that the first batch leaves some of the job to do. */
const LANES = 1;

/** Plays it and checks its end. Rejects at the first thing that is not as promised. */
export async function playAssignStory({ contacts, host, tell }: AssignStoryOptions): Promise<void> {
  tell(`An account with ${contacts} contacts, some of which have orders.`);
  const scene = await AssignScene.build(host, contacts);
  const { admin } = scene;
  const attempts = { lanes: LANES, retry: { maxAttempts: 3, firstDelaySeconds: 1, maxDelaySeconds: 1 } };
  const settings = await admin.must('/settings');
  await admin.must('/settings', { method: 'PATCH', body: attempts, ifMatch: settings.headers.get('etag') ?? '' });

  await killedInTheMiddle(scene, tell);
  await disabledInTheMiddle(scene, tell);
  await removedForGood(scene, tell);
  await storageFails(scene, tell);
  await canceled(scene, tell);
  await overlapping(scene, tell);

  await checkVersions(scene);
  tell(
    'Each record’s version has risen exactly as often as a job or a person changed it; nobody’s change was overwritten.',
  );
}

async function killedInTheMiddle(scene: AssignScene, tell: (sentence: string) => void): Promise<void> {
  const job = await scene.assignHeld('ann');
  const second = await scene.admin.call<{ jobId: string }>(`/tables/account/${scene.accountId}/assign`, {
    method: 'POST',
    body: { ownerId: 'ben', mode: 'async' },
  });
  equal('a second cascade on the same account', [second.status, second.body.jobId], [409, job]);
  tell('Assigned to ann; kill -9 of the host in the middle, while somebody edits contacts …');
  const restarted = scene.host.killAndRestart();
  scene.host.faults.end();
  const [, { progress }] = await Promise.all([scene.patchContacts(97), restarted.then(() => scene.completed(job))]);
  equal('records done after the kill', [progress.total, progress.done], [scene.size, scene.size]);
  await owners(scene, 'ann');
  tell(`… it went on and completed: ${progress.done} of ${progress.total} records.`);
}

async function disabledInTheMiddle(scene: AssignScene, tell: (sentence: string) => void): Promise<void> {
  const ben = new ApiClient(scene.host.url, await scene.host.userToken('ben'));
  const job = await scene.assignHeld('ben', ben);
  await scene.putUser('ben', false);
  scene.host.faults.end();
  const { pauseReason, progress, messages } = await scene.paused(job, 'user-disabled');
  equal('the user that the pause names', pauseReason?.user, 'ben');
  tell(`Ben was disabled in the middle of his job: Paused after ${progress.done} records. ${messages.at(-1)?.text}`);
  await scene.putUser('ben', true);
  await scene.command(job, 'resume');
  equal('records done after resuming', (await scene.completed(job)).progress.done, scene.size);
  await owners(scene, 'ben');
  tell('Enabled and resumed, it went on where it had paused, and completed.');
}

async function removedForGood(scene: AssignScene, tell: (sentence: string) => void): Promise<void> {
  const carl = new ApiClient(scene.host.url, await scene.host.userToken('carl'));
  const job = await scene.assignHeld('ann', carl);
  await scene.admin.must('/users/carl', { method: 'DELETE' });
  scene.host.faults.end();
  await scene.paused(job, 'user-removed');
  const { jobId } = await scene.command(job, 'handover');
  if (!jobId) throw new Error('A handover answered without the new job');
  await scene.until(job, 'Canceled', ({ status }) => status === 'Canceled');
  scene.jobIds.push(jobId);
  await scene.completed(jobId);
  await owners(scene, 'ann');
  tell('Carl was removed for good: Paused; an administrator took the job over and it completed.');
}

async function storageFails(scene: AssignScene, tell: (sentence: string) => void): Promise<void> {
  const job = await scene.assignHeld('dora');
  scene.host.faults.make({ busy: [CONTACTS] });
  const { retryCount } = await scene.paused(job, 'retries-exhausted');
  if (retryCount === 0) throw new Error('Storage failed, yet the job counts no retry');
  scene.host.faults.end();
  await raise(scene, job, 'resume');
  equal('records done after the storage came back', (await scene.completed(job)).progress.done, scene.size);
  await owners(scene, 'dora');
  tell(`Storage failed for a while: ${retryCount} retries, Paused, resumed by Durable's own event, completed.`);
}

async function canceled(scene: AssignScene, tell: (sentence: string) => void): Promise<void> {
  const job = await scene.assignHeld('ann');
  await scene.command(job, 'cancel');
  scene.host.faults.end();
  const { progress } = await scene.until(job, 'Canceled', ({ status }) => status === 'Canceled');
  if (progress.done === 0 || progress.done >= scene.size) throw new Error(`Canceled after ${progress.done} records`);
  let annas = 0;
  for await (const { ownerId } of scene.records()) if (ownerId === 'ann') annas++;
  equal('records with the new owner after the cancel', annas, progress.done);
  tell(
    `Canceled at a batch edge: ${progress.done} of ${progress.total} records keep their new owner, the rest the old.`,
  );
}

async function overlapping(scene: AssignScene, tell: (sentence: string) => void): Promise<void> {
  const [contact = ''] = scene.contactIds;
  const jobs = await Promise.all([scene.assign('ben'), scene.assign('dora', scene.admin, 'contact', contact)]);
  for (const job of jobs) await scene.completed(job);
  const { body } = await scene.admin.must<{ ownerId: string }>(`/tables/contact/${contact}`);
  if (!['ben', 'dora'].includes(body.ownerId)) throw new Error(`The contact of two Assigns belongs to ${body.ownerId}`);
  tell('Two Assigns of overlapping sets at once: both completed, and the last batch won.');
}

/** Raises an event at Durable's own management API, as an operator would with the instance's URLs. */
async function raise(scene: AssignScene, instanceId: string, event: string): Promise<void> {
  const url = `${scene.host.url}/runtime/webhooks/durabletask/instances/${instanceId}/raiseEvent/${event}`;
  const { status } = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
  equal(`answer to raising ${event}`, status, 202);
  await sleep(0);
}

async function owners(scene: AssignScene, wanted: string): Promise<void> {
  for await (const { id, ownerId } of scene.records())
    if (ownerId !== wanted) throw new Error(`${id} belongs to ${ownerId}, not to ${wanted}`);
}

async function checkVersions(scene: AssignScene): Promise<void> {
  const changes = await scene.changesByRecord();
  let seen = 0;
  for await (const { id, version, phone } of scene.records()) {
    seen++;
    equal(`version of ${id}`, version, 1 + (changes.get(id) ?? 0) + (scene.patched.has(id) ? 1 : 0));
    equal(`phone of ${id}`, phone, scene.patched.get(id));
  }
  equal('records under the account', seen, scene.size);
}

function equal(what: string, seen: unknown, expected: unknown): void {
  if (JSON.stringify(seen) === JSON.stringify(expected)) return;
  throw new Error(`${what}: ${JSON.stringify(seen)} instead of ${JSON.stringify(expected)}`);
}
