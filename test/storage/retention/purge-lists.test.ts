/** Bugs hunted here: something purged that isn't over or that a channel still needs; something half purged that stays for ever. */
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { compactFeed } from '../../../shared/retention/compact-feed.ts';
import { purgeBulkChanges, purgeRuns, purgeSessions } from '../../../shared/retention/purge-lists.ts';
import { RunStore } from '../../../shared/runs/run-store.ts';
import { crashAfter } from '../../support/crashing-storage.ts';
import { addChannel, downloadAll, type Hq, makeAccount, openHq } from '../customers/hq-fixture.ts';

const DAY_MS = 86_400_000;

let hq: Hq;
beforeEach(() => {
  hq = openHq();
});

const turnOf = () => ({ beforeMs: hq.clock.nowMs - DAY_MS, goOn: () => true });
const portsOf = ({ storage, sessions, bulk }: Hq) => ({ storage, sessions, bulk, runs: new RunStore(storage) });

describe('E7 sessions of CDX jobs', () => {
  it('go when they are over and old, also after a death at any write, and those that are not over stay', async () => {
    const over = await hq.sessions.begin('1010', 'c');
    await hq.sessions.note(over.id, { kind: 'applied', rows: 1 });
    const open = await hq.sessions.begin('1010', 'd');
    hq.clock.nowMs += 2 * DAY_MS;
    const young = await hq.sessions.begin('1010', 'c');
    await hq.sessions.note(young.id, { kind: 'applied', rows: 1 });
    for (let atWrite = 0; atWrite < 4; atWrite++) {
      await purgeSessions(portsOf(hq.reopen([crashAfter(atWrite).policy])), turnOf()).catch(() => undefined);
    }
    const { items } = await hq.sessions.list(undefined, 10, undefined);
    expect(items.map(({ id }) => id)).toEqual([young.id, open.id]);
    expect(await purgeSessions(portsOf(hq), turnOf())).toBe(0);
    expect((await hq.sessions.begin('1010', 'd')).id).toBe(open.id);
  });
});

describe('E7 runs', () => {
  it('go when they have ended and are old, but for the newest of each job', async () => {
    const store = new RunStore(hq.storage);
    const on = () => new Date(hq.clock.nowMs).toISOString();
    const makeRun = async (job: '1010' | '1110', ends: boolean) => {
      const run = { runId: randomUUID(), claimedOn: on() };
      await store.putRun(job, { ...run, requests: 1, input: {}, closing: '', etag: '' });
      const end = { status: 'Completed' as const, completedOn: on() };
      if (ends) await store.changeRun(job, run, (so) => ({ ...so, ...end }));
      hq.clock.nowMs += 1000;
      return run.runId;
    };
    const [, running, newest] = [
      await makeRun('1010', true),
      await makeRun('1010', false),
      await makeRun('1010', true),
    ];
    const only = await makeRun('1110', true);
    hq.clock.nowMs += 2 * DAY_MS;
    expect(await purgeRuns(portsOf(hq), turnOf())).toBe(1);
    const idsOf = async (job: '1010' | '1110') => (await store.listRuns(job, 10)).items.map(({ runId }) => runId);
    expect([await idsOf('1010'), await idsOf('1110')]).toEqual([[newest, running], [only]]);
  });
});

describe('E7 bulk changes', () => {
  it('go with what was refused, once they have ended and are old', async () => {
    const request = { ids: [randomUUID()], synchronize: true, dryRun: false, by: 'ann' };
    const on = new Date(hq.clock.nowMs).toISOString();
    const [ended, open] = [randomUUID(), randomUUID()];
    await hq.bulk.create(open, request, on);
    await hq.bulk.create(ended, request, on);
    while (!(await hq.bulkJob.step(ended)).done);
    expect(await hq.bulk.refusals(ended)).toHaveLength(1);
    expect(await purgeBulkChanges(portsOf(hq), turnOf())).toBe(0);
    hq.clock.nowMs += 2 * DAY_MS;
    expect(await purgeBulkChanges(portsOf(hq), turnOf())).toBe(1);
    expect([await hq.bulk.find(ended), await hq.bulk.refusals(ended)]).toEqual([undefined, []]);
    expect(await hq.bulk.find(open)).toBeDefined();
  });
});

describe('E7 A7 the customer feed', () => {
  const change = async (customer: string) => {
    await hq.feed.noteCustomerChanged(customer);
    hq.clock.nowMs += 60_000;
  };
  const portsFor = ({ feed, downloadJob }: Hq) => ({
    ...{ feed, downloads: downloadJob, channels: { list: async () => hq.channels } },
  });

  it('is kept once per customer, and a channel that never downloaded gets every one, whatever write it died at', async () => {
    const [anna, berta] = [(await makeAccount(hq, {})).value.id, (await makeAccount(hq, {})).value.id];
    for (let times = 0; times < 3; times++) await change(anna);
    await change(berta);
    addChannel(hq, 'old');
    await downloadAll(hq);
    hq.clock.nowMs += 2 * DAY_MS;
    await downloadAll(hq);
    addChannel(hq, 'new');
    for (let atWrite = 0; atWrite < 12; atWrite++) {
      await compactFeed(portsFor(hq.reopen([crashAfter(atWrite).policy])), turnOf()).catch(() => undefined);
      const range = { fromMinute: '', toMinute: '999912312359' };
      expect((await hq.feed.list(range, 10)).customers.sort(), `${atWrite}`).toEqual([anna, berta].sort());
    }
    expect(await compactFeed(portsFor(hq), turnOf())).toBe(0);
    const seen: string[] = [];
    let after: Awaited<ReturnType<Hq['feed']['list']>>['next'];
    do {
      const page = await hq.feed.list({ fromMinute: '', toMinute: '999912312359', after }, 1);
      seen.push(...page.customers);
      after = page.next;
    } while (after);
    expect(seen.sort()).toEqual([anna, berta].sort());
    await downloadAll(hq, ['new']);
    for (const id of [anna, berta]) expect(hq.channelDatabase.newest('new', id)).toBeDefined();
  });

  it('keeps what a channel has not downloaded where that channel looks for it', async () => {
    addChannel(hq, 'slow');
    const first = (await makeAccount(hq, {})).value.id;
    await change(first);
    hq.clock.nowMs += 60 * 60_000;
    await downloadAll(hq);
    hq.clock.nowMs += DAY_MS;
    const later = (await makeAccount(hq, {})).value.id;
    await change(later);
    hq.clock.nowMs += 3 * DAY_MS;
    expect(await compactFeed(portsFor(hq), turnOf())).toBe(1);
    await downloadAll(hq);
    expect(hq.channelDatabase.newest('slow', later)).toBeDefined();
  });
});
