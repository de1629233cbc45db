/**
 * Bugs hunted here: something purged that is still needed (young, not ended, not yet downloaded, under undo), and something
 * that stays behind for ever after a death in the middle.
 */
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { lanePartition } from '../../../shared/cascade/chunks/chunk-rows.ts';
import { markerKey } from '../../../shared/cascade/chunks/marker-rows.ts';
import type { Job } from '../../../shared/cascade/jobs/job.ts';
import { openJobs } from '../../../shared/cascade/jobs/job-store.ts';
import { openRootClaims } from '../../../shared/cascade/jobs/root-claims.ts';
import { countWaiting } from '../../../shared/events/count-waiting.ts';
import { createClaims } from '../../../shared/http/claims.ts';
import { RecordTables } from '../../../shared/records/record-tables.ts';
import { purgeByWalk } from '../../../shared/retention/purge.ts';
import { purgeJobs } from '../../../shared/retention/purge-jobs.ts';
import { purgeOutbox } from '../../../shared/retention/purge-outbox.ts';
import type { Storage } from '../../../shared/storage/storage.ts';
import { createCrashingStorage } from '../../support/crashing-storage.ts';
import { openTestStorage, uniquePrefix } from '../../support/test-storage.ts';
import { ROOT_ID, testJob } from '../../unit/orchestrations/orchestration-fixture.ts';

const OLD = '2026-01-01T00:00:00.000Z';
const BEFORE = Date.parse('2026-02-01T00:00:00.000Z');
const YOUNG = '2026-03-01T00:00:00.000Z';
const always = () => true;
const turn = { beforeMs: BEFORE, goOn: always };

let prefix: string;
let storage: Storage;
beforeEach(() => {
  prefix = uniquePrefix();
  storage = openTestStorage({ prefix });
});

const portsOf = (on: Storage) => ({ storage: on, jobs: openJobs(on), recordTables: new RecordTables(on) });

/** A job with a chunk, its marker, a found row and a command. */
async function makeJob(change: Partial<Job>, createdOn = OLD): Promise<string> {
  const jobId = randomUUID();
  const jobs = openJobs(storage, () => Date.parse(createdOn));
  await jobs.insert({ ...testJob({ jobId, createdOn }), status: 'Completed', completedOn: createdOn, ...change });
  const put = (table: string, partitionKey: string, rowKey: string, more = {}) =>
    storage.table(table).write([{ kind: 'insert', row: { partitionKey, rowKey, ...more } }]);
  await put('jobs', jobId, 'command|c1');
  for (let at = 0; at < 3; at++) {
    const key = `000${at}|account|bucket`;
    await put('chunks', lanePartition(jobId, at), key, { table: 'account', bucket: `b${at}` });
    await put('recordsaccount', `b${at}`, markerKey(jobId, key), { changedOn: OLD });
    await put('recordsaccount', `b${at}`, markerKey(jobId, `${key}.0`), { changedOn: OLD });
  }
  await put('chunks', lanePartition(jobId, 0), 'progress');
  await put('chunks', `${jobId}|lanes`, 'lanes');
  await put('cascadefound', `${jobId}|account|b0`, 'x');
  await put('transactions', jobId, 'status');
  await put('transactions', `${jobId}:000|account|b0:x`, 'status');
  return jobId;
}

async function tracesOf(jobId: string): Promise<string[]> {
  const traces: string[] = [];
  for (const name of ['jobs', 'chunks', 'recordsaccount', 'cascadefound', 'transactions', 'jobindex']) {
    for await (const { partitionKey, rowKey } of storage.table(name).rows({})) {
      if (`${partitionKey}${rowKey}`.includes(jobId)) traces.push(`${name} ${rowKey}`);
    }
  }
  return traces;
}

describe('E7 purging jobs', () => {
  it('removes an old ended job with all that it left, and nothing of others', async () => {
    const old = await makeJob({});
    const young = await makeJob({}, YOUNG);
    const before = await tracesOf(young);
    const record = { partitionKey: 'b0', rowKey: randomUUID() };
    await storage.table('recordsaccount').write([{ kind: 'insert', row: record }]);
    expect(await purgeJobs(portsOf(storage), turn)).toBe(1);
    expect(await tracesOf(old)).toEqual([]);
    expect(await tracesOf(young)).toEqual(before);
    expect(await storage.table('recordsaccount').get(record.partitionKey, record.rowKey)).toBeDefined();
    expect(await purgeJobs(portsOf(storage), turn)).toBe(0);
  });

  it('leaves a transaction that may have left locks, and comes back to it once it is finished', async () => {
    const id = await makeJob({});
    const open = { partitionKey: 'open', rowKey: `${id}:000|account|b0:x` };
    await storage.table('transactions').write([{ kind: 'insert', row: open }]);
    const other = await makeJob({});
    expect(await purgeJobs(portsOf(storage), turn)).toBe(1);
    expect(await tracesOf(other)).toEqual([]);
    expect(await openJobs(storage).find(id)).toBeUndefined();
    expect(await storage.table('transactions').get(open.rowKey, 'status')).toBeDefined();
    const { etag = '' } = (await storage.table('transactions').get(open.partitionKey, open.rowKey)) ?? {};
    await storage.table('transactions').delete(open.partitionKey, open.rowKey, etag);
    expect(await purgeJobs(portsOf(storage), turn)).toBe(1);
    expect(await tracesOf(id)).toEqual([]);
  });

  it('leaves a job that has not ended, has ended lately, or whose root another job holds', async () => {
    const paused = await makeJob({ status: 'Paused', completedOn: null });
    const late = await makeJob({ completedOn: YOUNG });
    const undone = await makeJob({});
    await openRootClaims(storage).claim({ table: 'account', recordId: ROOT_ID }, randomUUID(), YOUNG);
    expect(await purgeJobs(portsOf(storage), turn)).toBe(0);
    for (const id of [paused, late, undone]) expect(await tracesOf(id)).not.toEqual([]);
  });

  it('goes on in the next turn where a death or the end of its time has cut it off', async () => {
    for (const write of [1, 2, 3, 4, 6, 9, 12]) {
      const id = await makeJob({});
      const crashing = createCrashingStorage();
      const mortal = openTestStorage({ prefix, policies: [crashing.policy] });
      crashing.crashAt(write, write % 2 === 0 ? 'before' : 'after');
      await purgeJobs(portsOf(mortal), turn).catch(() => undefined);
      await purgeJobs(portsOf(storage), turn);
      expect(await tracesOf(id), `death at write ${write}`).toEqual([]);
    }
    const id = await makeJob({});
    for (let turns = 0; turns < 12; turns++) {
      let pieces = 2;
      await purgeJobs(portsOf(storage), { beforeMs: BEFORE, goOn: () => pieces-- > 0 });
    }
    expect(await tracesOf(id)).toEqual([]);
  });
});

describe('E7 purging idempotency keys', () => {
  it('removes old ones over several turns, and leaves the young', async () => {
    let nowMs = Date.parse(OLD);
    const claims = createClaims(storage, () => nowMs);
    const use = (key: string) =>
      claims.run({ scope: 's', key, fingerprint: 'f', reserve: () => 1 }, async () => ({
        status: 201,
        body: { nowMs },
      }));
    for (let at = 0; at < 12; at++) await use(`old-${at}`);
    nowMs = Date.parse(YOUNG);
    for (let at = 0; at < 5; at++) await use(`young-${at}`);
    const isOld = (row: { readonly [name: string]: unknown }) => Date.parse(String(row.createdOn)) < BEFORE;
    let purged = 0;
    for (let turns = 0; turns < 4; turns++) {
      let pieces = 1;
      purged += await purgeByWalk(storage, 'claims', ['createdOn'], isOld, { goOn: () => pieces-- > 0 });
    }
    expect(purged).toBe(12);
    expect((await storage.table('claims').page({})).rows).toHaveLength(5);
    nowMs += 1;
    expect((await use('young-0')).body).toEqual({ nowMs: Date.parse(YOUNG) });
    expect((await use('old-0')).body).toEqual({ nowMs });
  });
});

describe('E7 purging the outbox', () => {
  it('removes events that nobody took for so long, and no others', async () => {
    const old = await makeJob({ status: 'Waiting', completedOn: null });
    const young = await makeJob({ status: 'Waiting', completedOn: null }, YOUNG);
    expect(await purgeOutbox(storage, turn)).toBe(1);
    expect((await tracesOf(old)).filter((trace) => trace.includes('event'))).toEqual([]);
    expect((await tracesOf(young)).filter((trace) => trace.includes('event'))).toHaveLength(1);
    expect((await countWaiting(storage)).keys).toBe(1);
  });
});
