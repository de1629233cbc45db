import { describe, expect, it } from 'vitest';
import { type ExplainFacts, explain } from '../../../shared/customers/pipeline/explain.ts';

const ON = '2026-03-01T10:00:00.000Z';
const LATER = '2026-03-01T11:00:00.000Z';

const NOTHING: ExplainFacts = {
  ...{ channel: 'pos', customer: 'C1', uploaded: [], staged: undefined, missingJobs: [] },
  ...{ account: undefined, copy: undefined, cachedOn: undefined },
};
const account = { accountNumber: 'C1', createdOn: ON };
const copy = { accountNumber: 'C1', takenOn: LATER };

type Uploaded = ExplainFacts['uploaded'][number];
const operation = (status: Uploaded['status'], channel = 'pos', counter = 1): Uploaded => ({
  id: `c.${channel}.${counter}`,
  key: { customerAsyncId: 'c', channel, replicationCounter: counter },
  ...{ operation: 'createCustomer', discardedBy: 'anna', discardedOn: LATER, discardReason: 'entered twice' },
  ...{ status, lastError: status === 'Failed' ? 'currency: bad' : null, createdOn: ON, appliedOn: null },
});

describe('A13 an explanation', () => {
  const cases: [string, Partial<ExplainFacts>, string][] = [
    ['nobody knows', {}, 'unknown'],
    ['nobody knows it, whatever the channel lacks', { missingJobs: ['1010'] }, 'unknown'],
    ['the channel lacks jobs', { account, copy, missingJobs: ['1110', '1070'] }, 'feature-not-downloaded'],
    ['the cache is older than the copy', { account, copy, cachedOn: ON }, 'csu-cache'],
    ['the cache is newer than the copy', { account, copy, cachedOn: '2026-03-01T12:00:00.000Z' }, 'unknown'],
    ['a change waits in a channel', { staged: { channel: 'pos', createdOn: ON } }, 'not-uploaded'],
    ['an operation waits at headquarters', { uploaded: [operation('Uploaded')] }, 'not-synced'],
    ['an operation has failed', { uploaded: [operation('Failed'), operation('Held', 'pos', 2)] }, 'failed'],
    [
      "another channel's operation holds back",
      { uploaded: [operation('Failed', 'web'), operation('Held')] },
      'held-by',
    ],
    ['its creation was discarded', { uploaded: [operation('Discarded')] }, 'discarded'],
    ['its own creation was, and another made it', { account, copy, uploaded: [operation('Discarded')] }, 'discarded'],
    ['only another channel has discarded', { account, copy, uploaded: [operation('Discarded', 'web')] }, 'unknown'],
    ['the channel has no copy', { account, uploaded: [operation('Completed')] }, 'number-not-downloaded'],
    ['the copy has no number', { account, copy: { ...copy, accountNumber: null } }, 'number-not-downloaded'],
  ];

  it.each(cases)('when %s', (_when, facts, code) => {
    const { sentence, nextAction, ...rest } = explain({ ...NOTHING, ...facts });
    expect(rest.code).toBe(code);
    expect(sentence).toMatch(/C1|pos/);
    expect(nextAction).not.toBe('');
  });

  it('says that a customer was deleted, and since when', () => {
    const told = explain({ ...NOTHING, deletedOn: LATER, missingJobs: ['1010'] });
    expect(told).toMatchObject({ code: 'unknown', since: LATER, sentence: 'Customer C1 was deleted at headquarters.' });
    expect(told.nextAction).toContain('Restore');
  });

  it('tells of a suspended session before it advises a run that would do nothing', () => {
    const suspended = { upload: 'P-0001.pos.s', download: '1010.pos.s' };
    const upload = explain({ ...NOTHING, staged: { channel: 'pos', createdOn: ON }, suspended });
    expect(upload).toMatchObject({
      code: 'not-uploaded',
      sentence: expect.stringContaining('P-0001.pos.s is suspended'),
    });
    expect(upload.nextAction).toContain('POST /api/cdx-jobs/sessions/P-0001.pos.s/retry');
    const download = explain({ ...NOTHING, account, suspended });
    expect(download.nextAction).toMatch(/1010\.pos\.s\/retry\), then run job 1010/);
  });

  it('names the failed operation, its reason and when it was made', () => {
    const { sentence, nextAction, since } = explain({ ...NOTHING, uploaded: [operation('Failed')] });
    expect(sentence).toContain('currency: bad');
    expect(nextAction).toContain('c.pos.1');
    expect(since).toBe(ON);
  });
});
