import { describe, expect, it } from 'vitest';
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
});
