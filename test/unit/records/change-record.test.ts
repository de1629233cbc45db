import { describe, expect, it } from 'vitest';
import { changeRecord } from '../../../shared/records/change-record.ts';
import type { RecordValue } from '../../../shared/records/record.ts';

const merged: RecordValue = {
  ...{ id: 's', table: 'account', ownerId: 'ann', version: 2, lookups: {}, state: 'Inactive' },
  ...{
    createdOn: '2026-03-01T10:00:00.000Z',
    createdBy: 'ann',
    modifiedOn: '2026-03-01T10:00:00.000Z',
    modifiedBy: 'ann',
  },
  columns: { name: 'S', masterId: 't' },
};
const by = { by: 'kim', on: '2026-03-01T11:00:00.000Z' };

describe('C8 a record that was merged into another', () => {
  it('names it no more once it is active again', () => {
    expect(changeRecord(merged, { state: 'Active' }, by)).toMatchObject({ state: 'Active', columns: { name: 'S' } });
    expect(changeRecord(merged, { state: 'Active' }, by).columns).not.toHaveProperty('masterId');
  });

  it('names it as long as it is inactive', () => {
    expect(changeRecord(merged, { columns: { name: 'R' } }, by).columns).toEqual({ name: 'R', masterId: 't' });
  });
});
