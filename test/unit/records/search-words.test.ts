import { describe, expect, it } from 'vitest';
import { matchesSearch, searchWords } from '../../../shared/records/search-words.ts';

const words = searchWords({
  table: 'account',
  columns: { name: 'Änne O’Brien-Čapek', accountNumber: 'C00000042', email: 'Anna.Berg@Contoso.com', phone: '555' },
});

describe('search matches beginnings of words in name, number and e-mail', () => {
  it.each([
    ['änne'],
    ['ÄNNE'],
    ['o’br'],
    ['brien'],
    ['čap'],
    ['c0000'],
    ['contoso'],
    ['contoso.com'],
    ['berg@contoso.c'],
    ['anna.berg@con'],
    ['berg änn'],
    [''],
    ['   '],
  ])('finds %s', (search) => expect(matchesSearch(words, search)).toBe(true));

  it.each([['nne'], ['555'], ['änne smith'], ['rien']])('does not find %s', (search) =>
    expect(matchesSearch(words, search)).toBe(false),
  );

  it('finds names in scripts without spaces or case', () => {
    const chinese = searchWords({ table: 'contact', columns: { fullName: '王小明' } });
    expect(matchesSearch(chinese, '王小')).toBe(true);
    expect(matchesSearch(chinese, '明')).toBe(false);
  });
});
