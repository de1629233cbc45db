/**
 * The story's third act: an account with thousands of contacts gets new owners, one after the other, while everything
 * that can go wrong does. In the end each record's version has risen exactly as often as somebody changed it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiClient } from './api-client.ts';
import { type AssignStoryHost, AssignWorld, CONTACTS } from './assign-world.ts';

export interface AssignStoryOptions {
  readonly contacts: number;
  readonly host: AssignStoryHost;
  readonly tell: (sentence: string) => void;
}

/** So few that the first batch of each leaves much of the job to do. */
const LANES = 2;

/** Plays it and checks its end. Rejects at the first thing that is not as promised. */
export async function playAssignStory({ contacts, host, tell }: AssignStoryOptions): Promise<void> {
  tell(`An account with ${contacts} contacts, some of which have orders.`);
  const world = await AssignWorld.build(host, contacts);
  const { admin } = world;
  const attempts = { lanes: LANES, retry: { maxAttempts: 3, firstDelaySeconds: 1, maxDelaySeconds: 1 } };
  const settings = await admin.must('/settings');
  await admin.must('/settings', { method: 'PATCH', body: attempts, ifMatch: settings.headers.get('etag') ?? '' });

  await killedInTheMiddle(world, tell);
  await disabledInTheMiddle(world, tell);
  await removedForGood(world, tell);
  await storageFails(world, tell);
  await canceled(world, tell);
  await overlapping(world, tell);

  await checkVersions(world);
  tell(
    'Each record’s version has risen exactly as often as a job or a person changed it; nobody’s change was overwritten.',
  );
}

async function killedInTheMiddle(world: AssignWorld, tell: (sentence: string) => void): Promise<void> {
  const job = await world.assignHeld('ann');
  const second = await world.admin.call<{ jobId: string }>(`/tables/account/${world.accountId}/assign`, {
    method: 'POST',
    body: { ownerId: 'ben', mode: 'async' },
  });
  equal('a second cascade on the same account', [second.status, second.body.jobId], [409, job]);
  tell('Assigned to ann; kill -9 of the host in the middle, while somebody edits contacts …');
  const restarted = world.host.killAndRestart();
  world.host.faults.end();
  const [, { progress }] = await Promise.all([world.patchContacts(97), restarted.then(() => world.completed(job))]);
  equal('records done after the kill', [progress.total, progress.done], [world.size, world.size]);
  await owners(world, 'ann');
  tell(`… it went on and completed: ${progress.done} of ${progress.total} records.`);
}

async function disabledInTheMiddle(world: AssignWorld, tell: (sentence: string) => void): Promise<void> {
  const ben = new ApiClient(world.host.url, await world.host.userToken('ben'));
  const job = await world.assignHeld('ben', ben);
  await world.putUser('ben', false);
  world.host.faults.end();
  const { pauseReason, progress, messages } = await world.paused(job, 'user-disabled');
  equal('the user that the pause names', pauseReason?.user, 'ben');
  tell(`Ben was disabled in the middle of his job: Paused after ${progress.done} records. ${messages.at(-1)?.text}`);
  await world.putUser('ben', true);
  await world.command(job, 'resume');
  equal('records done after resuming', (await world.completed(job)).progress.done, world.size);
  await owners(world, 'ben');
  tell('Enabled and resumed, it went on where it had paused, and completed.');
}

async function removedForGood(world: AssignWorld, tell: (sentence: string) => void): Promise<void> {
  const carl = new ApiClient(world.host.url, await world.host.userToken('carl'));
  const job = await world.assignHeld('ann', carl);
  await world.admin.must('/users/carl', { method: 'DELETE' });
  world.host.faults.end();
  await world.paused(job, 'user-removed');
  const { jobId } = await world.command(job, 'handover');
  if (!jobId) throw new Error('A handover answered without the new job');
  await world.until(job, 'Canceled', ({ status }) => status === 'Canceled');
  world.jobIds.push(jobId);
  await world.completed(jobId);
  await owners(world, 'ann');
  tell('Carl was removed for good: Paused; an administrator took the job over and it completed.');
}

async function storageFails(world: AssignWorld, tell: (sentence: string) => void): Promise<void> {
  const job = await world.assignHeld('dora');
  world.host.faults.make({ busy: [CONTACTS] });
  const { retryCount } = await world.paused(job, 'retries-exhausted');
  if (retryCount === 0) throw new Error('Storage failed, yet the job counts no retry');
  world.host.faults.end();
  await raise(world, job, 'resume');
  equal('records done after the storage came back', (await world.completed(job)).progress.done, world.size);
  await owners(world, 'dora');
  tell(`Storage failed for a while: ${retryCount} retries, Paused, resumed by Durable's own event, completed.`);
}

async function canceled(world: AssignWorld, tell: (sentence: string) => void): Promise<void> {
  const job = await world.assignHeld('ann');
  await world.command(job, 'cancel');
  world.host.faults.end();
  const { progress } = await world.until(job, 'Canceled', ({ status }) => status === 'Canceled');
  if (progress.done === 0 || progress.done >= world.size) throw new Error(`Canceled after ${progress.done} records`);
  let annas = 0;
  for await (const { ownerId } of world.records()) if (ownerId === 'ann') annas++;
  equal('records with the new owner after the cancel', annas, progress.done);
  tell(
    `Canceled at a batch edge: ${progress.done} of ${progress.total} records keep their new owner, the rest the old.`,
  );
}

async function overlapping(world: AssignWorld, tell: (sentence: string) => void): Promise<void> {
  const [contact = ''] = world.contactIds;
  const jobs = await Promise.all([world.assign('ben'), world.assign('dora', world.admin, 'contact', contact)]);
  for (const job of jobs) await world.completed(job);
  const { body } = await world.admin.must<{ ownerId: string }>(`/tables/contact/${contact}`);
  if (!['ben', 'dora'].includes(body.ownerId)) throw new Error(`The contact of two Assigns belongs to ${body.ownerId}`);
  tell('Two Assigns of overlapping sets at once: both completed, and the last batch won.');
}

/** Raises an event at Durable's own management API, as an operator would with the instance's URLs. */
async function raise(world: AssignWorld, instanceId: string, event: string): Promise<void> {
  const url = `${world.host.url}/runtime/webhooks/durabletask/instances/${instanceId}/raiseEvent/${event}`;
  const { status } = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
  equal(`answer to raising ${event}`, status, 202);
  await sleep(0);
}

async function owners(world: AssignWorld, wanted: string): Promise<void> {
  for await (const { id, ownerId } of world.records())
    if (ownerId !== wanted) throw new Error(`${id} belongs to ${ownerId}, not to ${wanted}`);
}

async function checkVersions(world: AssignWorld): Promise<void> {
  const changes = await world.changesByRecord();
  let seen = 0;
  for await (const { id, version, phone } of world.records()) {
    seen++;
    equal(`version of ${id}`, version, 1 + (changes.get(id) ?? 0) + (world.patched.has(id) ? 1 : 0));
    equal(`phone of ${id}`, phone, world.patched.get(id));
  }
  equal('records under the account', seen, world.size);
}

function equal(what: string, seen: unknown, expected: unknown): void {
  if (JSON.stringify(seen) === JSON.stringify(expected)) return;
  throw new Error(`${what}: ${JSON.stringify(seen)} instead of ${JSON.stringify(expected)}`);
}
