import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeNonAscii } from '../../../shared/storage/ascii-body.ts';
import { openTestStorage } from '../../support/test-storage.ts';

describe('E5 text of every script comes back as it was written', () => {
  it('also when a row is larger than a network packet', async () => {
    const table = openTestStorage().table('texts');
    for (const [at, letters] of ['ä', '漢字', '🕷ß', 'aé'].entries()) {
      const texts = Object.fromEntries(
        [0, 1, 2, 3, 4].map((part) => [`t${part}`, letters.repeat(15_000).slice(part, 30_000)]),
      );
      await table.write([{ kind: 'insert', row: { partitionKey: 'p', rowKey: String(at), ...texts } }]);
      expect(await table.get('p', String(at))).toMatchObject(texts);
    }
  });

  it('as its escaped JSON means the same', () => {
    fc.assert(
      fc.property(fc.record({ text: fc.string({ unit: 'binary' }) }), (value) => {
        const escaped = escapeNonAscii(JSON.stringify(value));
        expect(Array.from(escaped).every((unit) => unit <= '~')).toBe(true);
        expect(JSON.parse(escaped)).toEqual(value);
      }),
    );
  });
});
