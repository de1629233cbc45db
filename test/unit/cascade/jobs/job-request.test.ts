import { describe, expect, it } from 'vitest';
import { requestOf, requestSchema } from '../../../../shared/cascade/jobs/job-request.ts';
import type { CascadePlan } from '../../../../shared/cascade/plans.ts';
import { ROOT_ID, testJob } from '../../orchestrations/orchestration-fixture.ts';

const { action: _action, ownerId: _owner, ...common } = testJob().plan as CascadePlan & { readonly ownerId: string };

describe('C26 what was asked of a job, in the words of the request', () => {
  const asked: readonly [Record<string, unknown>, Record<string, unknown>][] = [
    [
      { action: 'assign', ownerId: 'kim' },
      { mode: 'async', ownerId: 'kim' },
    ],
    [{ action: 'delete' }, { mode: 'async' }],
    [
      { action: 'share', principal: 'lee', rights: ['Read'] },
      { mode: 'async', principal: 'lee', rights: ['Read'] },
    ],
    [
      { action: 'unshare', principal: 'lee' },
      { mode: 'async', principal: 'lee' },
    ],
    [
      { action: 'reparent', relationship: 'account_contacts', parentId: null, formerParentId: ROOT_ID },
      { mode: 'async', relationship: 'account_contacts', parentId: null },
    ],
    [
      { action: 'merge', subordinateId: ROOT_ID, content: { name: null }, performParentingChecks: false },
      { mode: 'async', subordinateId: ROOT_ID, content: { name: null }, performParentingChecks: false },
    ],
    [
      { action: 'revokeInheritedAccess', recordId: 'account_contacts' },
      { mode: 'async', relationship: 'account_contacts' },
    ],
    [{ action: 'undo', undoneJobId: ROOT_ID, undoneAction: 'assign' }, { mode: 'async' }],
  ];

  it.each(asked)('%o', (action, request) => {
    const found = requestOf({ ...common, askedMode: 'async', ...action } as unknown as CascadePlan);
    expect(requestSchema.parse(found)).toEqual(request);
  });
});
