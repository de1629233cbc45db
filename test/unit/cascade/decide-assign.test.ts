import { describe, expect, it } from 'vitest';
import { type Current, type Decision, decideAssign } from '../../../shared/cascade/decide-assign.ts';

const record = (more: Partial<Current>): Current => ({
  id: 'r',
  etag: 'e',
  version: 3,
  ownerId: 'anybody',
  isDeleted: false,
  lockedBy: undefined,
  ...more,
});

describe('C6 what Assign does to a record as it stands', () => {
  const table: [string, Current | undefined, Decision][] = [
    ['of any owner', record({}), 'write'],
    ['that the new owner has already', record({ ownerId: 'new' }), 'keep'],
    ['that was deleted', record({ isDeleted: true }), 'skip'],
    ['that was deleted when the new owner had it', record({ isDeleted: true, ownerId: 'new' }), 'skip'],
    ['that was deleted and is still locked', record({ isDeleted: true, lockedBy: 'job' }), 'skip'],
    ['that is not there any more', undefined, 'skip'],
    ['that a transaction holds', record({ lockedBy: 'job' }), 'wait'],
    ['that a transaction is giving to the new owner', record({ lockedBy: 'job', ownerId: 'new' }), 'wait'],
  ];

  it.each(table)('a record %s', (_what, current, decision) => {
    expect(decideAssign(current, 'new')).toBe(decision);
  });
});
