import { describe, expect, it } from 'vitest';
import type { CurrentRecord, Decision } from '../../../shared/cascade/actions/action-rule.ts';
import { assignRule } from '../../../shared/cascade/actions/assign.ts';
import { asFound } from '../../../shared/cascade/apply/current-record.ts';
import type { FoundRecord } from '../../../shared/cascade/identify/found-records.ts';
import type { AssignPlan } from '../../../shared/cascade/plans.ts';

const found: FoundRecord = { id: 'r', etag: 'e', version: 3, ownerId: 'anybody', effect: 'change', links: [] };
const record = (more: Partial<CurrentRecord>): CurrentRecord => ({ ...asFound(found), isAsFound: false, ...more });
const plan: AssignPlan = {
  jobId: 'j',
  action: 'assign',
  table: 'account',
  recordId: 'r',
  ownerId: 'new',
  formerOwnerId: 'old',
  behaviors: {},
  lanes: 1,
  by: 'admin',
  createdOn: '2026-03-01T10:00:00.000Z',
};

describe('C6 what Assign does to a record as it stands', () => {
  const table: [string, CurrentRecord | undefined, Decision['kind']][] = [
    ['of any owner', record({}), 'write'],
    ['as it was found', asFound(found), 'write'],
    ['that a job has fenced to delete it', record({ fencedBy: 'job' }), 'write'],
    ['that the new owner has already', record({ ownerId: 'new' }), 'keep'],
    ['that was deleted', record({ isDeleted: true }), 'skip'],
    ['that was deleted when the new owner had it', record({ isDeleted: true, ownerId: 'new' }), 'skip'],
    ['that was deleted and is still locked', record({ isDeleted: true, lockedBy: 'job' }), 'skip'],
    ['that is not there any more', undefined, 'skip'],
    ['that a transaction holds', record({ lockedBy: 'job' }), 'wait'],
    ['that a transaction is giving to the new owner', record({ lockedBy: 'job', ownerId: 'new' }), 'wait'],
  ];

  it.each(table)('a record %s', (_what, current, kind) => {
    expect(assignRule.decide(plan, found, current, { table: 'account', on: plan.createdOn }).kind).toBe(kind);
  });

  it('changes the owner alone, and logs the one before', () => {
    expect(assignRule.decide(plan, found, record({}), { table: 'account', on: plan.createdOn })).toEqual({
      kind: 'write',
      set: { ownerId: 'new' },
      bumpsVersion: true,
      changes: [{ name: 'ownerId', old: 'anybody', new: 'new' }],
    });
  });
});
