import { describe, expect, it } from 'vitest';
import type { CurrentRecord, Decision } from '../../../shared/cascade/actions/action-rule.ts';
import { undoRule } from '../../../shared/cascade/actions/undo.ts';
import { asFound } from '../../../shared/cascade/apply/current-record.ts';
import type { FoundRecord } from '../../../shared/cascade/identify/found-records.ts';
import type { UndoPlan } from '../../../shared/cascade/plans.ts';
import type { ValueChange } from '../../../shared/cascade/ports.ts';
import { maskOf } from '../../../shared/records/shares/rights.ts';
import { NO_ROW } from '../../../shared/records/shares/share-rows.ts';
import { DIRECT, grant } from '../../../shared/records/shares/share-set.ts';

const found: FoundRecord = { id: 'r', etag: '', version: 4, ownerId: '', effect: 'change', links: [] };
const record = (more: Partial<CurrentRecord> = {}): CurrentRecord => ({ ...asFound(found), isAsFound: false, ...more });
const plan: UndoPlan = {
  jobId: 'j',
  action: 'undo',
  undoneJobId: 'old',
  undoneAction: 'assign',
  table: 'account',
  recordId: 'r',
  formerOwnerId: 'ann',
  behaviors: {},
  lanes: 1,
  by: 'admin',
  createdOn: '2026-03-01T10:00:00.000Z',
};
const decide = (current: CurrentRecord | undefined, ...logged: ValueChange[]): Decision =>
  undoRule.decide(plan, { ...found, logged }, current, { table: 'contact', on: plan.createdOn });
const owner: ValueChange = { name: 'ownerId', old: 'ann', new: 'kim' };

describe('C20 what undo does to a record as it stands', () => {
  it.each<[string, CurrentRecord | undefined, Decision['kind']]>([
    ['in the version that the job gave it', record(), 'write'],
    ['that was changed since', record({ version: 5 }), 'skip'],
    ['that was changed, and then changed back', record({ version: 6, ownerId: 'kim' }), 'skip'],
    ['that is gone', undefined, 'skip'],
    ['that a transaction holds', record({ lockedBy: 't' }), 'wait'],
    ['that another job is deleting', record({ fencedBy: 'd' }), 'skip'],
  ])('a record %s', (_what, current, kind) => {
    expect(decide(current, owner).kind).toBe(kind);
  });

  it('goes by the shares themselves where only those were changed, for they have no version', () => {
    const share: ValueChange = { name: 'shares.lee', old: null, new: 'Read' };
    const shares = { ...NO_ROW, set: grant(NO_ROW.set, 'lee', DIRECT, maskOf(['Read'])) };
    expect(decide(record({ version: 5, shares }), share)).toMatchObject({ kind: 'write', bumpsVersion: false });
    expect(decide(record({ version: 5, shares }), share, owner).kind).toBe('skip');
    expect(decide(record({ version: 5 }), share)).toEqual({ kind: 'keep' });
    const more = { ...NO_ROW, set: grant(shares.set, 'lee', DIRECT, maskOf(['Write'])) };
    expect(decide(record({ version: 5, shares: more }), share)).toMatchObject({
      kind: 'skip',
      text: expect.stringContaining('shares were changed'),
    });
    expect(decide(record({ version: 5, shares, isDeleted: true }), share)).toMatchObject({
      text: expect.stringContaining('deleted'),
    });
  });

  it('says why it left a record alone', () => {
    expect(decide(record({ version: 5 }), owner)).toEqual({
      kind: 'skip',
      text: 'It was changed since: it has version 5, the job gave it 4.',
    });
  });

  it('writes the old values back, and logs that the other way round', () => {
    const link: ValueChange = { name: 'lookups.account_contacts', old: 'p', new: null };
    expect(decide(record(), owner, link)).toEqual({
      kind: 'write',
      set: { ownerId: 'ann', l_account_contacts: 'p' },
      bumpsVersion: true,
      changes: [
        { name: 'ownerId', old: 'kim', new: 'ann' },
        { name: 'lookups.account_contacts', old: null, new: 'p' },
      ],
      relinks: [{ relationship: 'account_contacts', from: undefined, to: 'p' }],
      access: { propose: expect.any(Function), owing: ['account_contacts'], follows: false },
    });
  });

  it('takes the tombstone off a deleted record', () => {
    const deleted: ValueChange = { name: 'deletedOn', old: null, new: plan.createdOn };
    const of = { ...found, logged: [deleted] };
    const ofDelete = { ...plan, undoneAction: 'delete' } as const;
    const at = { table: 'contact', on: plan.createdOn } as const;
    expect(undoRule.decide(ofDelete, of, record({ isDeleted: true }), at)).toMatchObject({
      set: { deletedOn: '', deletedBy: '', deletedByJob: '' },
    });
  });

  it('leaves what plug-ins have made, or deleted in another action, and says what to do', () => {
    const change = (name: string): ValueChange => ({ name, old: null, new: plan.createdOn });
    expect(decide(record(), change('createdOn'))).toMatchObject({
      kind: 'skip',
      text: expect.stringContaining('A plug-in made it'),
    });
    expect(decide(record({ isDeleted: true }), change('deletedOn'))).toMatchObject({
      kind: 'skip',
      text: expect.stringContaining('/api/tables/contact/r/restore'),
    });
  });

  it('fails a record whose change it doesn’t know how to write back', () => {
    expect(decide(record(), { name: 'colour', old: null, new: 'Read' }).kind).toBe('fail');
  });
});
