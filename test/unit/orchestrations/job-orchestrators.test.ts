/**
 * Bugs hunted here: a run that ends although somebody has joined it; one that goes on for ever, or grows its history without
 * bound; a failure that leaves the run looking alive; a retry of a bad instance that does the work again.
 */
import { describe, expect, it } from 'vitest';
import { createCdxDownload } from '../../../orchestrations/cdx-download/cdx-download.ts';
import { cdxUpload } from '../../../orchestrations/cdx-upload/cdx-upload.ts';
import { customerSync } from '../../../orchestrations/customer-sync/customer-sync.ts';
import { MAX_REPEATS } from '../../../shared/customers/apply/sync-progress.ts';
import { FEATURE_KEYS } from '../../../shared/customers/configuration/feature.ts';
import { drive, type Played } from './hand-driven.ts';

const turn = (requests: number, input = {}) => ({ turn: { input, requests } });
const over = { turn: null };

/** Answers one after the other; the last one again and again. */
function answers(...list: unknown[]): Played {
  let at = 0;
  return () => list[Math.min(at++, list.length - 1)];
}

const OFF = { enabled: false, changedIn: 0 };
const FEATURES_OFF = Object.fromEntries(FEATURE_KEYS.map((key) => [key, OFF]));
const nothing = { applied: 0, failed: 0, held: 0, busy: 0 };

describe('A6 the sync job as an orchestration', () => {
  it('applies all groups of a page at the same time, page after page, and ends with the sums', async () => {
    const place = { bucket: '0a', customerAsyncId: 'b' };
    const driven = await drive(customerSync, {
      beginRun: answers(turn(1)),
      listPendingCustomers: answers({ groups: [['a'], ['b']], next: place }, { groups: [['c']] }),
      applyCustomers: ({ customers: [first] }: { customers: string[] }) => ({
        ...nothing,
        applied: 2,
        failed: first === 'c' ? 1 : 0,
      }),
      finishRun: answers(over),
    });
    const counts = { applied: 6, failed: 1, held: 0 };
    expect(driven.output).toEqual(counts);
    expect(driven.statuses.at(-1)).toEqual(counts);
    expect(driven.calls.map(({ name }) => name)).toEqual([
      'beginRun',
      'listPendingCustomers',
      'applyCustomers',
      'applyCustomers',
      'listPendingCustomers',
      'applyCustomers',
      'finishRun',
    ]);
    expect(driven.calls[4]?.input).toEqual({ after: place });
    const steps = driven.calls.filter(({ name }) => name === 'applyCustomers').map(({ input }) => input);
    expect(steps).toMatchObject([{ step: 'run|0' }, { step: 'run|0' }, { step: 'run|1' }]);
    expect(driven.calls.at(-1)?.input).toEqual({ job: 'customer-sync', runId: 'run', requests: 1, counts });
  });

  it('looks again from the beginning when somebody has joined, and goes on counting', async () => {
    const driven = await drive(customerSync, {
      beginRun: answers(turn(1)),
      listPendingCustomers: answers({ groups: [['a']] }),
      applyCustomers: answers({ ...nothing, applied: 1 }),
      finishRun: answers(turn(2), over),
    });
    expect(driven.output).toMatchObject({ applied: 2 });
    const ends = driven.calls.filter(({ name }) => name === 'finishRun').map(({ input }) => input);
    expect(ends).toMatchObject([{ requests: 1 }, { requests: 2, counts: { applied: 2 } }]);
  });

  it('comes back, after a while, for customers that another worker had, but not for ever', async () => {
    const driven = await drive(customerSync, {
      beginRun: answers(turn(1)),
      listPendingCustomers: answers({ groups: [['a']] }),
      applyCustomers: answers({ ...nothing, busy: 1 }, { ...nothing, applied: 1 }),
      finishRun: answers(over),
    });
    expect(driven.waits).toEqual([5]);
    expect(driven.output).toMatchObject({ applied: 1 });

    const stubborn = await drive(customerSync, {
      beginRun: answers(turn(1)),
      listPendingCustomers: answers({ groups: [['a']] }),
      applyCustomers: answers({ ...nothing, busy: 1 }),
      finishRun: answers(over),
    });
    expect(stubborn.waits).toHaveLength(MAX_REPEATS);
    // Long enough for the hold of a worker that died.
    expect(stubborn.waits.reduce((sum, seconds) => sum + seconds)).toBeGreaterThan(30);
  });

  it('does nothing when it is no run of the job', async () => {
    const driven = await drive(customerSync, { beginRun: answers(over) });
    expect(driven.calls).toHaveLength(1);
  });

  it('says that the run failed when it fails', async () => {
    const steps = drive(customerSync, {
      beginRun: answers(turn(1)),
      listPendingCustomers: () => {
        throw new Error('storage is down');
      },
      finishRun: ({ error }: { error: string }) => {
        expect(error).toBe('storage is down');
        return over;
      },
    });
    await expect(steps).rejects.toThrow('storage is down');
    expect.assertions(2);
  });

  it('keeps its history short over a long queue', async () => {
    let pages = 0;
    const driven = await drive(customerSync, {
      beginRun: answers(turn(1)),
      listPendingCustomers: () => {
        pages++;
        const next = { bucket: 'aa', customerAsyncId: String(pages) };
        return { groups: [['a']], ...(pages < 100 && { next }) };
      },
      applyCustomers: answers({ ...nothing, applied: 1 }),
      finishRun: answers(over),
    });
    expect(driven.output).toMatchObject({ applied: 100 });
    expect(driven.executions).toBe(5);
    expect(driven.calls.filter(({ name }) => name === 'beginRun')).toHaveLength(1);
  });
});

describe('A5 P-0001 as an orchestration', () => {
  it('asks each channel until it has no more, and counts what was uploaded since the run began', async () => {
    const driven = await drive(cdxUpload, {
      beginRun: answers(turn(1, { channels: ['a', 'b'] })),
      uploadedTotal: answers({ total: 1000 }),
      uploadPage: answers(
        { channel: 'a', full: true, total: 1200 },
        { channel: 'b', full: false, total: 1210 },
        { channel: 'a', full: false, total: 1215 },
        { channel: null, full: false, total: 1215 },
      ),
      finishRun: answers(over),
    });
    expect(driven.output).toEqual({ uploaded: 215 });
    const pages = driven.calls.filter(({ name }) => name === 'uploadPage').map(({ input }) => input);
    const channels = ['a', 'b'];
    expect(pages).toEqual([
      { channels, skip: [] },
      { channels, skip: [] },
      { channels, skip: ['b'] },
      { channels, skip: ['b', 'a'] },
    ]);
  });

  it('keeps its history short however much there is, and counts on over executions', async () => {
    let total = 0;
    const driven = await drive(cdxUpload, {
      beginRun: answers(turn(1)),
      uploadedTotal: () => ({ total }),
      uploadPage: () =>
        total < 250 ? { channel: 'a', full: true, total: ++total } : { channel: null, full: false, total },
      finishRun: answers(over),
    });
    expect(driven.output).toEqual({ uploaded: 250 });
    expect(driven.executions).toBe(3);
  });
});

describe('A5 P-0001 that can not go on', () => {
  it('goes on with the other channels when one is given up, and ends Failed when nobody can go on', async () => {
    const one = await drive(cdxUpload, {
      beginRun: answers(turn(1)),
      uploadedTotal: answers({ total: 0 }),
      uploadPage: answers(
        { channel: 'a', full: false, total: 0, failed: 'again' },
        { channel: 'a', full: false, total: 0, failed: 'suspended' },
        { channel: 'b', full: false, total: 7 },
        { channel: null, full: false, total: 7 },
      ),
      finishRun: answers(over),
    });
    expect(one.output).toEqual({ uploaded: 7, failed: 1 });
    expect(one.waits).toEqual([2]);
    const none = await drive(cdxUpload, {
      beginRun: answers(turn(1)),
      uploadedTotal: answers({ total: 0 }),
      uploadPage: answers({ channel: null, full: false, total: 0, blocked: 'Session x is suspended.' }),
      finishRun: answers(over),
    });
    expect(none.calls.at(-1)?.input).toMatchObject({ error: 'Session x is suspended.' });
  });
});

describe('A7 1010 as an orchestration', () => {
  const configuration = { featuresRevision: 1, features: {}, channelVersion: 1, createCustomerInAsyncMode: true };
  const stretch = (channel: string) => ({
    ...{ job: '1010', channel, sessionId: `1010.${channel}.x`, rows: 0 },
    configuration: { ...configuration, features: FEATURES_OFF, profileChangedIn: 1 },
    ...{ fromMinute: '', toMinute: '202603021200' },
  });

  it('brings every channel all its pages, some channels at a time', async () => {
    const channels = ['a', 'b', 'c', 'd', 'e'];
    const left = new Map(channels.map((channel) => [channel, channel === 'a' ? 3 : 1]));
    const driven = await drive(createCdxDownload('1010'), {
      beginRun: answers(turn(1)),
      planDownload: answers({ stretches: channels.map(stretch), held: [] }),
      downloadPage: ({ channel }: { channel: string }) => {
        const pages = (left.get(channel) ?? 0) - 1;
        left.set(channel, pages);
        return { rows: 10, ...(pages > 0 && { next: stretch(channel) }) };
      },
      finishRun: answers(over),
    });
    expect(driven.output).toEqual({ applied: 70 });
    expect([...left.values()]).toEqual([0, 0, 0, 0, 0]);
  });

  it('plans anew, with what the joiner wants, when somebody has joined', async () => {
    const plans: unknown[] = [];
    await drive(createCdxDownload('1010'), {
      beginRun: answers(turn(1, { channels: ['a'] })),
      planDownload: (input) => {
        plans.push(input);
        return { stretches: [], held: [] };
      },
      finishRun: answers(turn(2, { channels: ['a', 'b'] }), over),
    });
    expect(plans).toEqual([
      { job: '1010', channels: ['a'] },
      { job: '1010', channels: ['a', 'b'] },
    ]);
  });

  it('tries a session again after a while, gives a suspended one up, and counts the channels that wait', async () => {
    const tries: string[] = [];
    const driven = await drive(createCdxDownload('1010'), {
      beginRun: answers(turn(1)),
      planDownload: answers({ stretches: ['bad', 'good'].map(stretch), held: ['waiting'] }),
      downloadPage: ({ channel }: { channel: string }) => {
        if (channel === 'good') return { rows: 5 };
        tries.push(channel);
        return { rows: 0, failed: tries.length < 3 ? 'again' : 'suspended' };
      },
      finishRun: answers(over),
    });
    expect(tries).toHaveLength(3);
    expect(driven.waits).toEqual([2, 2]);
    expect(driven.output).toEqual({ applied: 5, failed: 1, held: 1 });
  });
});
