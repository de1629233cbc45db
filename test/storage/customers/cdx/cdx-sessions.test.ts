import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { addChannel, downloadAll, type Hq, makeAccount, openHq } from '../hq-fixture.ts';

let hq: Hq;
beforeEach(() => {
  hq = openHq();
});

const list = async (status?: string) => (await hq.sessions.list(status, 50, undefined)).items;

/** Lets a channel's database fail, or work again. */
function breakChannel(broken: string | undefined): void {
  const works = hq.channelDatabase.constructor.prototype.applyDownload as Hq['channelDatabase']['applyDownload'];
  hq.channelDatabase.applyDownload = async (channel, snapshots) => {
    if (channel === broken) throw new Error('The channel database does not answer');
    await works.call(hq.channelDatabase, channel, snapshots);
  };
}

describe('A5 download sessions', () => {
  it('suspend one channel after three tries, while the others go on, until an administrator retries', async () => {
    for (const channel of ['bad', 'good']) addChannel(hq, channel);
    const { id } = (await makeAccount(hq, {})).value;
    await hq.feed.noteCustomerChanged(id);
    breakChannel('bad');
    const [bad] = (await hq.downloadJob.plan('1010', ['bad'])).stretches;
    if (!bad) throw new Error('nothing was planned');
    const tries = [1, 2, 3].map(() => async () => (await hq.downloadJob.downloadPage(bad)).failed);
    const failed: unknown[] = [];
    for (const attempt of tries) failed.push(await attempt());
    expect(failed).toEqual(['again', 'again', 'suspended']);
    expect(await list('Suspended')).toMatchObject([
      { job: '1010', channel: 'bad', tries: 3, error: 'The channel database does not answer' },
    ]);

    breakChannel(undefined);
    const { stretches, held } = await hq.downloadJob.plan('1010', undefined);
    expect(held).toEqual(['bad']);
    expect(stretches.map(({ channel }) => channel)).toEqual(['good']);
    await downloadAll(hq);
    expect(hq.channelDatabase.newest('good', id)).toBeDefined();
    expect(hq.channelDatabase.newest('bad', id)).toBeUndefined();

    await hq.sessions.note(bad.sessionId, { kind: 'retry', by: 'ann' });
    await downloadAll(hq);
    expect(hq.channelDatabase.newest('bad', id)).toBeDefined();
    expect(await hq.sessions.find(bad.sessionId)).toMatchObject({ status: 'Applied', rows: 1 });
  });

  it('that were canceled lose nothing: the next one brings the same', async () => {
    addChannel(hq, 'bad');
    const { id } = (await makeAccount(hq, {})).value;
    await hq.feed.noteCustomerChanged(id);
    const [bad] = (await hq.downloadJob.plan('1010', undefined)).stretches;
    await hq.sessions.note(bad?.sessionId ?? '', { kind: 'cancel', by: 'ann' });
    await downloadAll(hq);
    expect(hq.channelDatabase.newest('bad', id)).toBeDefined();
    expect((await list()).map(({ status }) => status).sort()).toEqual(['Applied', 'Canceled']);
  });

  it('are the same for a run that comes while one is not over', async () => {
    addChannel(hq, 'pos');
    const [one, two] = await Promise.all([
      hq.downloadJob.plan('1110', undefined),
      hq.downloadJob.plan('1110', undefined),
    ]);
    expect(one?.stretches[0]?.sessionId).toBe(two?.stretches[0]?.sessionId);
    expect(await list()).toHaveLength(1);
  });
});

describe('A5 upload sessions', () => {
  const stage = (channel: string) =>
    hq.staged.add(channel, 'createCustomer', { customer: randomUUID() }, { name: 'Ann' });

  it('hold back a channel whose store can not be read, and no other', async () => {
    for (const channel of ['a', 'b']) stage(addChannel(hq, channel));
    const readAfter = hq.staged.readAfter.bind(hq.staged);
    hq.staged.readAfter = async (channel, after, limit) => {
      if (channel === 'a') throw new Error('The channel database does not answer');
      return readAfter(channel, after, limit);
    };
    const pages: unknown[] = [];
    for (let at = 0; at < 3; at++) pages.push((await hq.uploadJob.uploadPage({ skip: at === 2 ? ['b'] : [] })).failed);
    expect(pages).toEqual(['again', 'again', 'suspended']);
    expect(await hq.uploadJob.uploadPage()).toMatchObject({ channel: 'b' });
    expect(await hq.uploadJob.uploadPage()).toMatchObject({ channel: null });

    hq.staged.readAfter = readAfter;
    expect(await hq.uploadJob.uploadPage()).toMatchObject({ channel: null });
    const [suspended] = await list('Suspended');
    await hq.sessions.note(suspended?.id ?? '', { kind: 'retry', by: 'ann' });
    expect(await hq.uploadJob.uploadPage()).toMatchObject({ channel: 'a' });
    expect(await list('Applied')).toMatchObject([{ channel: 'a', rows: 1 }, { channel: 'b' }]);
  });

  it('that headquarters can not take stop all uploads, as the order is one; a canceled one goes on under its own sequences', async () => {
    for (const channel of ['a', 'b']) stage(addChannel(hq, channel));
    let isBroken = true;
    const broken = hq.reopen([
      {
        name: 'noStagingTables',
        async sendRequest(request, next) {
          if (isBroken && request.method !== 'GET' && request.url.includes('RETAILASYNC')) throw new Error('down');
          return next(request);
        },
      },
    ]);
    const pages: unknown[] = [];
    for (let at = 0; at < 3; at++) pages.push((await broken.uploadJob.uploadPage()).failed);
    expect(pages).toEqual(['again', 'again', 'suspended']);
    const [suspended] = await list('Suspended');
    expect(await broken.uploadJob.uploadPage()).toMatchObject({
      ...{ channel: null, blocked: expect.stringContaining(suspended?.id ?? '?') },
    });
    isBroken = false;
    await hq.sessions.note(suspended?.id ?? '', { kind: 'cancel', by: 'ann' });
    for (const channel of ['a', 'b', null]) expect(await hq.uploadJob.uploadPage()).toMatchObject({ channel });
    expect(await hq.uploadJob.total()).toBe(2);
  });
});

describe('A2 what the jobs bring', () => {
  it('is headquarters’ set-up at the moment of planning; each job’s copy is its own', async () => {
    addChannel(hq, 'pos');
    const bring = async (job: '1110' | '1070' | '1010') => {
      for (const stretch of (await hq.downloadJob.plan(job, undefined)).stretches)
        await hq.downloadJob.downloadPage(stretch);
    };
    await bring('1110');
    await hq.features.putFeature({ key: 'asyncAddressCreation', enabled: true, by: 'ann', ifMatch: undefined });
    await bring('1070');
    await bring('1010');
    const { version, jobs } = await hq.configurations.read('pos');
    expect(version).toBe(3);
    expect(jobs['1110']?.copy.features.asyncAddressCreation.enabled).toBe(false);
    expect(jobs['1070']?.copy).toMatchObject({ createCustomerInAsyncMode: true, featuresRevision: 1 });
    await bring('1010');
    expect((await hq.configurations.read('pos')).version).toBe(3);
  });
});
