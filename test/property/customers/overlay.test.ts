import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type OwnOperation, overlay, PENDING } from '../../../shared/customers/channel/channel-view.ts';
import type { OperationBody, OperationName } from '../../../shared/customers/customer-operation.ts';
import type { CustomerSnapshot } from '../../../shared/customers/ports.ts';

const CUSTOMER = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
const ON = '2026-03-01T10:00:00.000Z';
const ADDRESSES = ['a', 'b', 'c'];

interface Step {
  readonly operation: OperationName;
  readonly targetId: string;
  readonly body: OperationBody;
}

const body = fc.dictionary(fc.constantFrom('name', 'email', 'city'), fc.option(fc.constantFrom('x', 'y', 'z')), {
  noNullPrototype: true,
});
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    operation: fc.constantFrom<OperationName>('createCustomer', 'editCustomer'),
    targetId: fc.constant(CUSTOMER),
    body,
  }),
  fc.record({
    operation: fc.constantFrom<OperationName>('createAddress', 'editAddress'),
    targetId: fc.constantFrom(...ADDRESSES),
    body,
  }),
  fc.record({
    operation: fc.constant<OperationName>('deactivateAddress'),
    targetId: fc.constantFrom(...ADDRESSES),
    body: fc.constant({}),
  }),
);
const history = fc.array(step, { maxLength: 12 });
const sequenceOf = (at: number) => String(at + 1).padStart(4, '0');

function operations(steps: readonly Step[], progressOf: (at: number) => OwnOperation['progress']): OwnOperation[] {
  return steps.map((each, at) => ({
    operation: {
      ...each,
      ...{ channel: 'pos', replicationCounter: at + 1, customerAsyncId: CUSTOMER, createdOn: ON, createdBy: 'x' },
    },
    progress: progressOf(at),
  }));
}

/** The copy that headquarters makes when it has applied the first `count` steps just as the channel sees them. */
function copyAfter(steps: readonly Step[], count: number): CustomerSnapshot {
  const state = overlay(
    undefined,
    operations(steps.slice(0, count), () => PENDING),
  );
  return {
    ...{ customerAsyncId: CUSTOMER, accountNumber: 'C-1', createdOn: ON, exists: true, affiliations: [], takenOn: ON },
    columns: state.columns,
    addresses: state.addresses,
    appliedThrough: count === 0 ? '' : sequenceOf(count - 1),
  };
}

describe('A14 what a channel sees', () => {
  it('stays the same while its operations are uploaded, applied and downloaded, in whatever state the reader meets them', () => {
    fc.assert(
      fc.property(history, fc.nat(12), fc.nat(12), fc.nat(12), (steps, a, b, c) => {
        const [copied = 0, applied = 0, uploaded = 0] = [a, b, c]
          .map((n) => Math.min(n, steps.length))
          .sort((x, y) => x - y);
        const progressOf = (at: number): OwnOperation['progress'] => {
          if (at < applied) return { status: 'Completed', sequence: sequenceOf(at) };
          return at < uploaded ? { status: 'Uploaded', sequence: sequenceOf(at) } : PENDING;
        };
        const all = operations(steps, () => PENDING);
        expect(overlay(copyAfter(steps, copied), operations(steps, progressOf))).toEqual(overlay(undefined, all));
      }),
    );
  });

  it('does not depend on whether operations that the copy includes are still beside it', () => {
    fc.assert(
      fc.property(history, fc.nat(12), (steps, n) => {
        const copied = Math.min(n, steps.length);
        const own = operations(steps, (at) =>
          at < copied ? { status: 'Completed', sequence: sequenceOf(at) } : PENDING,
        );
        const copy = copyAfter(steps, copied);
        expect(overlay(copy, own.slice(copied))).toEqual(overlay(copy, own));
      }),
    );
  });
});
