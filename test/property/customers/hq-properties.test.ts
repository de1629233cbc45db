import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterPage, begun, MAX_REPEATS } from '../../../shared/customers/apply/sync-progress.ts';
import { OPERATION_NAMES, OPERATIONS } from '../../../shared/customers/customer-operation.ts';
import { feedMinute, OVERLAP_MINUTES, overlapStart } from '../../../shared/customers/download/customer-feed.ts';
import { fromStagingRow, stagingRowKey, toStagingRow } from '../../../shared/customers/headquarters/staging-row.ts';
import { type StoredOperation, sequenceKey, stampOf } from '../../../shared/customers/headquarters/stored-operation.ts';
import { inTurn } from '../../../shared/customers/upload/upload-job.ts';

const sequence = fc.integer({ min: 0, max: 10 ** 15 - 1 });
const attempt = fc.integer({ min: 0, max: 999_999 });
const values = fc.dictionary(
  fc.string({ minLength: 1 }),
  fc.oneof(
    fc.string(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((x) => !Object.is(x, -0)),
    fc.boolean(),
    fc.constant(null),
  ),
  { noNullPrototype: true },
);

/** What sets may replace something: then the row says so. */
const coded = (each: StoredOperation, replaces: boolean): StoredOperation =>
  replaces && OPERATIONS[each.operation].does === 'set' ? { ...each, code: 2 } : each;

const uncoded: fc.Arbitrary<StoredOperation> = fc.record({
  channel: fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/),
  replicationCounter: fc.integer({ min: 1, max: 999_999_999_999 }),
  operation: fc.constantFrom(...OPERATION_NAMES),
  customerAsyncId: fc.uuid(),
  targetId: fc.uuid(),
  body: values,
  createdOn: fc.constant('2026-03-01T10:00:00.000Z'),
  createdBy: fc.string(),
  sequence: sequence.map(sequenceKey),
  status: fc.constantFrom('Uploaded', 'Completed', 'Failed', 'Held', 'Discarded'),
  accountNumber: fc.string(),
  lastError: fc.string(),
  description: fc.string(),
  uploadedOn: fc.string(),
  appliedOn: fc.string(),
  editedBy: fc.string(),
  editedOn: fc.string(),
  version: fc.nat(),
  attempt,
  original: fc.option(values, { nil: undefined }),
  originalTargetId: fc.oneof(fc.constant(''), fc.uuid()),
  plan: fc.option(
    fc.record(
      {
        ...{ attempt, recordVersion: fc.nat(), old: values, filled: values },
        ...{ affiliations: fc.array(fc.string()), existed: fc.constant(true) },
      },
      { requiredKeys: ['attempt', 'recordVersion', 'old', 'filled', 'affiliations'] },
    ),
    { nil: undefined },
  ),
  decidedIn: fc.string(),
  bulkId: fc.oneof(fc.constant(''), fc.uuid()),
  apart: fc.boolean(),
  discard: fc.option(
    fc.record({ by: fc.string(), on: fc.string(), reason: fc.string(), through: fc.string(), with: fc.string() }),
    { nil: undefined },
  ),
  etag: fc.string(),
});

const operation = fc.tuple(uncoded, fc.boolean()).map(([each, replaces]) => coded(each, replaces));

describe('A5 A6 rows of operations', () => {
  it('give back the operation that they were made of', () => {
    fc.assert(
      fc.property(operation, (each) => {
        expect(fromStagingRow({ ...toStagingRow(each), etag: each.etag })).toEqual(each);
      }),
    );
  });

  it('say in OnlineOperationCompleted and OPERATION what the operation is', () => {
    fc.assert(
      fc.property(operation, (each) => {
        const row = toStagingRow(each);
        expect(row.OnlineOperationCompleted).toBe(each.status === 'Completed' ? 1 : 0);
        expect(row.OPERATION).toBe(each.code ?? OPERATIONS[each.operation].code);
      }),
    );
  });

  it('lie in the order of their upload, whatever channel and counter', () => {
    fc.assert(
      fc.property(operation, operation, (a, b) => {
        fc.pre(a.sequence !== b.sequence);
        expect(stagingRowKey(a) < stagingRowKey(b)).toBe(a.sequence < b.sequence);
      }),
    );
  });
});

describe('A6 stamps', () => {
  it('rise with the sequence, and within it with the attempt', () => {
    fc.assert(
      fc.property(sequence, sequence, attempt, attempt, (s1, s2, a1, a2) => {
        const stamp = (s: number, a: number) => stampOf({ sequence: sequenceKey(s), attempt: a });
        expect(stamp(s1, a1) < stamp(s2, a2)).toBe(s1 < s2 || (s1 === s2 && a1 < a2));
      }),
    );
  });
});

describe('A5 channels', () => {
  it('have their turn in a circle, each once', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1 })), fc.nat(), (channels, at) => {
        const last = channels[at % Math.max(channels.length, 1)] ?? '';
        const turn = inTurn(channels, last);
        expect([...turn].sort()).toEqual([...channels].sort());
        if (channels.length > 0) expect(turn.at(-1)).toBe(last);
      }),
    );
  });
});

describe('A7 the feed', () => {
  it('is read again for the minutes of the overlap, over days, months and years', () => {
    const ms = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2099, 11, 31) });
    fc.assert(
      fc.property(ms, fc.integer({ min: 0, max: OVERLAP_MINUTES * 60_000 }), (now, back) => {
        const start = overlapStart(feedMinute(now));
        expect(feedMinute(now - back) >= start).toBe(true);
        expect(start < feedMinute(now)).toBe(true);
      }),
    );
  });
});

describe('A6 the walk through the queue', () => {
  const outcome = fc.record({ applied: fc.nat(9), failed: fc.nat(9), held: fc.nat(9), busy: fc.nat(1) });
  const page = fc.tuple(fc.array(outcome, { maxLength: 4 }), fc.boolean());

  it('counts every outcome once, and ends', () => {
    fc.assert(
      fc.property(fc.infiniteStream(page), (pages) => {
        let progress = begun({ requests: 1 });
        let applied = 0;
        let walks = 0;
        for (const [outcomes, more] of pages) {
          applied += outcomes.reduce((sum, each) => sum + each.applied, 0);
          const next = more && walks < 50 ? { bucket: 'aa', customerAsyncId: 'x' } : undefined;
          const decided = afterPage(progress, outcomes, next);
          progress = decided.progress;
          if (!next) walks++;
          if (decided.step === 'finish') break;
        }
        expect(progress.applied).toBe(applied);
        expect(walks).toBeLessThanOrEqual(MAX_REPEATS + 1);
      }),
    );
  });
});
