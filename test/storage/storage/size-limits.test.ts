import { describe, expect, it } from 'vitest';
import type { Row, Write } from '../../../shared/storage/table.ts';
import { openTestStorage } from '../../support/test-storage.ts';

const table = openTestStorage().table('sizes');
let rows = 0;
const insert = (more: Record<string, string | number>): Write => ({
  kind: 'insert',
  row: { partitionKey: 'p', rowKey: `r${rows++}`, ...more } as Row,
});
const texts = (count: number, length: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`t${at}`, 'x'.repeat(length)]));

const refused = (message: RegExp) => ({ name: 'StorageRefused', message: expect.stringMatching(message) });

describe('E6 what Azure would refuse is refused on one machine too', () => {
  it('a property of more than 64 KiB', async () => {
    expect(await table.write([insert({ t: 'x'.repeat(32_768) })])).toMatchObject({ ok: true });
    await expect(table.write([insert({ t: 'x'.repeat(32_769) })])).rejects.toMatchObject(
      refused(/property t has 65538 bytes.*65536/),
    );
  });

  it('a row of more than 1 MiB', async () => {
    expect(await table.write([insert(texts(15, 32_768))])).toMatchObject({ ok: true });
    await expect(table.write([insert(texts(16, 32_768))])).rejects.toMatchObject(refused(/a row has .*1048576/));
  });

  it('a row of more than 252 properties', async () => {
    expect(await table.write([insert(texts(251, 1))])).toMatchObject({ ok: true });
    await expect(table.write([insert(texts(253, 1))])).rejects.toMatchObject(refused(/properties.*252/));
  });

  it('a key of more than 1 KiB', async () => {
    const keyOf = (length: number): Write => ({
      kind: 'insert',
      row: { partitionKey: 'p', rowKey: 'k'.repeat(length) },
    });
    expect(await table.write([keyOf(512)])).toMatchObject({ ok: true });
    await expect(table.write([keyOf(513)])).rejects.toMatchObject(refused(/RowKey has 1026 bytes.*1024/));
  });

  it('a transaction of more than 100 rows', async () => {
    const writes = (count: number) => Array.from({ length: count }, () => insert({ n: 1 }));
    expect(await table.write(writes(100))).toMatchObject({ ok: true });
    await expect(table.write(writes(101))).rejects.toMatchObject(refused(/101 rows.*100/));
  });

  it('a transaction of more than 3.5 MiB', async () => {
    const writes = (count: number) => Array.from({ length: count }, () => insert(texts(10, 32_000)));
    expect(await table.write(writes(10))).toMatchObject({ ok: true });
    await expect(table.write(writes(12))).rejects.toMatchObject(refused(/a transaction has .*3670016/));
  });

  it('C19 naming the row of a transaction that is too large', async () => {
    const writes = [insert({ n: 1 }), insert({ n: 2 }), insert({ t: 'x'.repeat(40_000) })];
    await expect(table.write(writes)).rejects.toMatchObject({ name: 'StorageRefused', index: 2 });
  });
});
