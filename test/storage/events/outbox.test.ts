/**
 * Bugs hunted here: an event that a crash or a late writer leaves where nobody looks; events out of order or told of
 * changes that never happened; one receiver or one key that holds up others.
 */
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Job } from '../../../shared/cascade/jobs/job.ts';
import { type JobStore, openJobs } from '../../../shared/cascade/jobs/job-store.ts';
import { countWaiting } from '../../../shared/events/count-waiting.ts';
import { drainOutbox, type Receiver } from '../../../shared/events/drain-outbox.ts';
import { eventSchema, type SpillwayEvent } from '../../../shared/events/event.ts';
import { hintEvents, hintTable, type ReceiverName } from '../../../shared/events/outbox.ts';
import type { Storage } from '../../../shared/storage/storage.ts';
import { createCrashingStorage } from '../../support/crashing-storage.ts';
import { openTestStorage, uniquePrefix } from '../../support/test-storage.ts';
import { testJob } from '../../unit/orchestrations/orchestration-fixture.ts';
import { addChannel, applyAll, openHq, operationsOf, uploadAll } from '../customers/hq-fixture.ts';

class FakeReceiver implements Receiver {
  readonly name: ReceiverName;
  readonly got: SpillwayEvent[] = [];
  /** Takes so many more, then fails. */
  room = Number.POSITIVE_INFINITY;
  refuses: (event: SpillwayEvent) => boolean = () => false;
  calls = 0;

  constructor(name: ReceiverName) {
    this.name = name;
  }

  async send(events: readonly SpillwayEvent[]) {
    this.calls++;
    let taken = 0;
    for (const event of events) {
      if (this.room <= 0 || this.refuses(event)) return { taken, error: 'it is down' };
      this.room--;
      this.got.push(event);
      taken++;
    }
    return { taken };
  }

  types(key: string): string[] {
    return this.got.filter((event) => event.key === key).map(({ type }) => type);
  }
}

let prefix: string;
let storage: Storage;
let jobs: JobStore;
let topic: FakeReceiver;
let nowMs: number;
beforeEach(() => {
  prefix = uniquePrefix();
  storage = openTestStorage({ prefix });
  nowMs = Date.parse('2026-03-01T12:00:00Z');
  jobs = openJobs(storage, () => nowMs);
  topic = new FakeReceiver('topic');
});

const drain = (receivers: readonly Receiver[] = [topic], on = storage) =>
  drainOutbox({ storage: on, receivers, now: () => nowMs, goOn: async () => true });

async function makeJob(): Promise<string> {
  const jobId = randomUUID();
  await jobs.insert(testJob({ jobId }));
  return jobId;
}

const become = (id: string, status: Job['status']) => jobs.change(id, (job) => ({ job: { ...job, status } }));
const hints = async () => (await countWaiting(storage)).keys;

describe('E1 events of jobs', () => {
  it('tell of creation, pause and end, in order, once, in the published form', async () => {
    const id = await makeJob();
    for (const status of ['InProgress', 'Pausing', 'Paused', 'InProgress', 'Completed'] as const)
      await become(id, status);
    expect(await drain()).toMatchObject({ sent: 3, failedKeys: 0 });
    expect(topic.types(id)).toEqual(['jobCreated', 'jobPaused', 'jobCompleted']);
    for (const event of topic.got) expect(eventSchema.parse(event)).toEqual(event);
    expect(await hints()).toBe(0);
    expect(await drain()).toMatchObject({ sent: 0 });
    expect(topic.got).toHaveLength(3);
  });

  it('cost a change that tells of nothing no hint', async () => {
    const id = await makeJob();
    await drain();
    await become(id, 'InProgress');
    expect(await hints()).toBe(0);
  });

  it('aren’t told of a job that was never made', async () => {
    await hintEvents(storage, 'job', randomUUID(), nowMs);
    await drain();
    expect(await hints()).toBe(1);
    nowMs += 2 * 3_600_000;
    await drain();
    expect(await hints()).toBe(0);
    expect(topic.got).toEqual([]);
  });

  it('survive a death at any write of the change and of the draining', async () => {
    for (let write = 1; write <= 9; write++) {
      const crashing = createCrashingStorage();
      const mortal = openTestStorage({ prefix: uniquePrefix(), policies: [crashing.policy] });
      const dying = openJobs(mortal, () => nowMs);
      const jobId = randomUUID();
      const told = new FakeReceiver('topic');
      crashing.crashAt(write, write % 2 === 0 ? 'after' : 'before');
      const life = async () => {
        await dying.insert(testJob({ jobId }));
        await dying.change(jobId, (job) => ({ job: { ...job, status: 'Completed' } }));
        await drain([told], mortal);
      };
      await life().catch(() => undefined);
      crashing.crashAt();
      const job = await dying.find(jobId);
      await drain([told], mortal);
      const types = [...new Set(told.types(jobId))];
      const all = job?.status === 'Completed' ? ['jobCreated', 'jobCompleted'] : job ? ['jobCreated'] : [];
      expect(types, `death at write ${write}`).toEqual(all);
    }
  });

  it('are not left behind by a writer that hinted long before it wrote', async () => {
    const id = await makeJob();
    await drain();
    // The drainer passes between the hint and the change, finds nothing and removes the hint.
    const late = openJobs(
      openTestStorage({
        prefix,
        policies: [
          {
            name: 'late',
            async sendRequest(request, next) {
              const isFirst = request.method !== 'GET' && request.url.includes('$batch') && !drainedOnce;
              if (isFirst) {
                drainedOnce = true;
                await drain();
              }
              return next(request);
            },
          },
        ],
      }),
      () => nowMs,
    );
    let drainedOnce = false;
    await late.change(id, (job) => ({ job: { ...job, status: 'Canceled' } }));
    expect(drainedOnce).toBe(true);
    await drain();
    expect(topic.types(id)).toEqual(['jobCreated', 'jobCancelled']);
  });
});

describe('E1 events of customers', () => {
  it('tell what was synchronized and what failed, each attempt once', async () => {
    const hq = openHq();
    const channel = addChannel(hq, 'c');
    const customer = randomUUID();
    hq.staged.add(channel, 'createCustomer', { customer }, { name: 'Anna' });
    hq.staged.add(channel, 'editAddress', { customer, target: randomUUID() }, { city: 'Oslo' });
    await uploadAll(hq);
    await applyAll(hq);
    await drain([topic], hq.storage);
    expect(topic.types(customer)).toEqual(['customerSynchronized', 'customerSyncFailed']);
    const [done, failed] = topic.got;
    expect(done?.data).toMatchObject({ customerId: customer, operationIds: [expect.any(String)] });
    expect(failed?.data).toMatchObject({ operation: 'editAddress', channel, error: expect.stringMatching(/./) });
    for (const event of topic.got) expect(eventSchema.parse(event)).toEqual(event);
    await applyAll(hq);
    await drain([topic], hq.storage);
    expect(topic.got).toHaveLength(2);
    const operation = (await operationsOf(hq, customer)).find(({ status }) => status === 'Failed');
    await hq.changes.release(operation?.id ?? '');
    await applyAll(hq);
    await drain([topic], hq.storage);
    expect(topic.types(customer).slice(2)).toEqual(['customerSyncFailed']);
  });
});

describe('E1 receivers that are down', () => {
  it('lose nothing: an hour later all comes in order', async () => {
    const ids = [await makeJob(), await makeJob(), await makeJob(), await makeJob(), await makeJob()];
    topic.room = 0;
    await drain();
    for (const id of ids) await become(id, 'Completed');
    nowMs += 3_600_000;
    await drain();
    topic.room = Number.POSITIVE_INFINITY;
    nowMs += 3_600_000;
    expect(await drain()).toMatchObject({ sent: 10 });
    for (const id of ids) expect(topic.types(id)).toEqual(['jobCreated', 'jobCompleted']);
    expect(await hints()).toBe(0);
  });

  it('are asked a few times in a pass, not for every key', async () => {
    for (let at = 0; at < 20; at++) await makeJob();
    topic.room = 0;
    await drain();
    expect(topic.calls).toBeLessThan(12);
    expect(await countWaiting(storage)).toMatchObject({ keys: 20, lastError: 'topic: it is down' });
  });

  it('do not hold up another receiver, and get the rest later', async () => {
    const id = await makeJob();
    const webhook = new FakeReceiver('webhook');
    webhook.room = 0;
    await drain([topic, webhook]);
    expect(topic.types(id)).toEqual(['jobCreated']);
    webhook.room = Number.POSITIVE_INFINITY;
    expect(await drain([topic, webhook])).toMatchObject({ sent: 0 });
    nowMs += 60_000;
    expect(await drain([topic, webhook])).toMatchObject({ sent: 1 });
    expect([topic.types(id), webhook.types(id)]).toEqual([['jobCreated'], ['jobCreated']]);
  });

  it('refuse one key without holding up the others', async () => {
    const bad = await makeJob();
    topic.refuses = ({ key }) => key === bad;
    for (let at = 0; at < 4; at++) await makeJob();
    expect(await drain()).toMatchObject({ sent: 4, failedKeys: 1 });
    nowMs += 60_000;
    topic.refuses = () => false;
    expect(await drain()).toMatchObject({ sent: 1 });
  });

  it('need not exist: events stay', async () => {
    const id = await makeJob();
    await drain([]);
    expect(await countWaiting(storage)).toMatchObject({ keys: 1, failing: 0, since: '2026-03-01T12:00:00.000Z' });
    await drain();
    expect(topic.types(id)).toEqual(['jobCreated']);
    expect((await hintTable(storage).page({})).rows).toEqual([]);
  });
});
