import { describe, expect, it } from 'vitest';
import { ETAG_OF_NO_ROW, type StoredRow } from '../../../shared/storage/table.ts';
import {
  jobOfTransaction,
  lockedNewRow,
  lockOf,
  lockProperties,
  releaseProperties,
  rowAt,
} from '../../../shared/transactions/locked-row.ts';

const KEY = { partitionKey: 'b', rowKey: 'r' };
const plain: StoredRow = { ...KEY, etag: 'e', ownerId: 'anna', phone: '1' };
const changed: StoredRow = { ...plain, ...lockProperties('t:1', { ownerId: 'bert', amount: 2.5, isPrimary: true }) };
const added: StoredRow = { ...lockedNewRow('t', { ...KEY, rights: 3 }), etag: 'e' };

describe('C2 a row that a transaction has locked', () => {
  it.each([
    ['pending', 'anna', 't:1'],
    ['aborted', 'anna', ''],
    ['committed', 'bert', ''],
  ] as const)('while that is %s belongs to %s', (state, ownerId, lockJob) => {
    const row = rowAt(changed, state);
    expect(row).toMatchObject({ ownerId, phone: '1', lockJob });
    expect(row?.amount).toBe(state === 'committed' ? 2.5 : undefined);
  });

  it.each(['pending', 'aborted', 'committed'] as const)('can’t be written as it was read (%s)', (state) => {
    expect(rowAt(changed, state)?.etag).toBe(ETAG_OF_NO_ROW);
    expect(rowAt(plain, state)).toBe(plain);
  });

  it('that is new counts once it is committed', () => {
    expect(rowAt(added, 'pending')).toBeUndefined();
    expect(rowAt(added, 'aborted')).toBeUndefined();
    expect(rowAt(added, 'committed')).toMatchObject({ rights: 3, lockKind: '', lockNew: false });
  });

  it('is released to what it counts as, for good', () => {
    for (const state of ['aborted', 'committed'] as const) {
      const released = { ...changed, ...releaseProperties(changed, state) };
      expect(lockOf(released)).toBeUndefined();
      expect(released).toEqual({ ...rowAt(changed, state), etag: 'e' });
    }
    expect(releaseProperties(added, 'aborted')).toBeUndefined();
    expect(releaseProperties(added, 'committed')).toMatchObject({ lockKind: '', lockNew: false });
  });

  it('keeps nothing of an earlier, longer lock', () => {
    const long = { ...plain, ...lockProperties('t', { note: 'x'.repeat(70_000) }) };
    const free = { ...long, ...releaseProperties(long, 'aborted') };
    const again = { ...free, ...lockProperties('u', { ownerId: 'carl' }) };
    expect(rowAt(again, 'committed')).toMatchObject({ ownerId: 'carl', pending1: '' });
    expect(rowAt(again, 'committed')?.note).toBeUndefined();
  });

  it('names the job of its transaction', () => {
    expect(jobOfTransaction('job')).toBe('job');
    expect(jobOfTransaction('job:0001|contact')).toBe('job');
  });
});
