import { describe, expect, it } from 'vitest';
import { mergeColumns, mergeWinners } from '../../../shared/cascade/actions/merge-columns.ts';
import { columnProperty } from '../../../shared/records/record-row.ts';

const cells = (columns: Record<string, string>) =>
  Object.fromEntries(Object.entries(columns).map(([name, value]) => [columnProperty(name), value]));
const sources = {
  content: { title: 'Dr', language: null },
  target: cells({ name: 'Target', title: 'Mr', language: 'de', phone: '', accountNumber: '1' }),
  subordinate: cells({ name: 'Other', phone: '2', email: 'a@b.example', accountNumber: '2' }),
};

describe('C27 the value that wins in each column of a merge', () => {
  it('comes from the content, else from the target, else from the subordinate', () => {
    const winners = new Map(mergeWinners('account', sources).map(({ column, ...winner }) => [column, winner]));
    expect(winners.get('title')).toEqual({ value: 'Dr', from: 'content' });
    expect(winners.get('language')).toEqual({ value: null, from: 'content' });
    expect(winners.get('name')).toEqual({ value: 'Target', from: 'target' });
    expect(winners.get('phone')).toEqual({ value: '2', from: 'subordinate' });
    expect(winners.get('email')).toEqual({ value: 'a@b.example', from: 'subordinate' });
    expect(winners.has('accountNumber')).toBe(false);
    expect(winners.has('masterId')).toBe(false);
  });

  it('is what the merge writes', () => {
    const changed = new Map(mergeColumns('account', sources).changes.map(({ name, new: value }) => [name, value]));
    for (const { column, value, from } of mergeWinners('account', sources)) {
      if (from === 'target') expect(changed.has(column)).toBe(false);
      else expect(changed.get(column)).toBe(value);
    }
  });
});
