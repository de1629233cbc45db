import { RestError } from '@azure/data-tables';
import { beforeEach, describe, expect, it } from 'vitest';
import { StorageUnavailable } from '../../../shared/storage/storage-errors.ts';
import type { Row, Table, Write } from '../../../shared/storage/table.ts';
import { createFailingStorage, type FailingStorage } from '../../support/failing-storage.ts';
import { openTestStorage, uniquePrefix } from '../../support/test-storage.ts';

/** `table` and `other` are the same table seen by two hosts; requests of `table` can be made to fail. */
let table: Table;
let other: Table;
let failing: FailingStorage;
beforeEach(() => {
  const prefix = uniquePrefix();
  failing = createFailingStorage();
  table = openTestStorage({ prefix, policies: [failing.policy] }).table('things');
  other = openTestStorage({ prefix }).table('things');
});

const row = (rowKey: string, more: Record<string, string | number | boolean> = {}): Row => ({
  partitionKey: 'p',
  rowKey,
  ...more,
});
const insert = (rowKey: string, more = {}): Write => ({ kind: 'insert', row: row(rowKey, more) });

async function etagOf(rowKey: string): Promise<string> {
  const stored = await other.get('p', rowKey);
  if (!stored) throw new Error(`no row ${rowKey}`);
  return stored.etag;
}

const mergeOf = async (rowKey: string, more = {}): Promise<Write> => ({
  kind: 'merge',
  row: row(rowKey, more),
  etag: await etagOf(rowKey),
});

describe('a row', () => {
  it('comes back with the values and types that were written', async () => {
    const values = { text: 'Åsa 山田', yes: true, no: false, small: -5, big: 1_772_366_400_000, part: 0.25, empty: '' };
    await table.write([insert('a', values)]);
    expect(await table.get('p', 'a')).toMatchObject(values);
    expect(await table.get('p', 'b')).toBeUndefined();
  });

  it('keeps by a merge what is not given, and loses it by a replace', async () => {
    await table.write([insert('a', { x: 1, y: 2 })]);
    await table.write([await mergeOf('a', { x: 3 })]);
    expect(await table.get('p', 'a')).toMatchObject({ x: 3, y: 2 });
    await table.write([{ kind: 'replace', row: row('a', { x: 4 }), etag: await etagOf('a') }]);
    expect(await table.get('p', 'a')).not.toHaveProperty('y');
  });

  it('has a new ETag after each write, which the write gives back', async () => {
    const made = await table.write([insert('a')]);
    expect(made).toEqual({ ok: true, etags: [await etagOf('a')] });
    const changed = await table.write([await mergeOf('a'), insert('b')]);
    expect(changed).toEqual({ ok: true, etags: [await etagOf('a'), await etagOf('b')] });
    expect(changed).not.toMatchObject({ etags: made.ok ? made.etags : [] });
  });
});

describe('a conflict is a value', () => {
  it('for a key that is taken', async () => {
    await other.write([insert('a', { by: 'other' })]);
    expect(await table.write([insert('a')])).toEqual({ ok: false, conflict: 'exists', index: 0 });
    expect(await table.get('p', 'a')).toMatchObject({ by: 'other' });
  });

  it('for a row that was changed since', async () => {
    await table.write([insert('a')]);
    const stale = await mergeOf('a', { by: 'table' });
    await other.write([await mergeOf('a', { by: 'other' })]);
    expect(await table.write([stale])).toEqual({ ok: false, conflict: 'changed', index: 0 });
    const replace: Write = { ...stale, kind: 'replace' } as Write;
    expect(await table.write([replace])).toEqual({ ok: false, conflict: 'changed', index: 0 });
    expect(await table.get('p', 'a')).toMatchObject({ by: 'other' });
  });

  it('for a row that is not there', async () => {
    await table.write([insert('a')]);
    const merge = await mergeOf('a');
    expect(await other.delete('p', 'a', await etagOf('a'))).toBe('deleted');
    expect(await table.write([merge])).toEqual({ ok: false, conflict: 'missing', index: 0 });
  });

  it('that names the write of a transaction, of which nothing happened', async () => {
    await table.write([insert('c')]);
    const merge = await mergeOf('c');
    await other.write([await mergeOf('c', { by: 'other' })]);
    expect(await table.write([insert('a'), insert('b'), insert('c')])).toMatchObject({ conflict: 'exists', index: 2 });
    expect(await table.write([insert('a'), merge])).toMatchObject({ conflict: 'changed', index: 1 });
    expect(await table.get('p', 'a')).toBeUndefined();
  });

  it('for a delete of what was changed or is gone', async () => {
    await table.write([insert('a')]);
    const etag = await etagOf('a');
    await other.write([await mergeOf('a')]);
    expect(await table.delete('p', 'a', etag)).toBe('changed');
    expect(await table.delete('p', 'b', etag)).toBe('missing');
  });

  it.each(['*', ''])('and never asked for: the ETag "%s", which stands for any row, is refused', async (etag) => {
    await table.write([insert('a', { x: 1 })]);
    for (const kind of ['merge', 'replace', 'delete'] as const) {
      await expect(table.write([{ kind, row: row('a', { x: 2 }), etag }])).rejects.toThrow(/p\/a needs the ETag/);
    }
    expect(await table.get('p', 'a')).toMatchObject({ x: 1 });
  });

  it('between two writers at once, of whom one wins', async () => {
    const both = await Promise.all([table.write([insert('a', { n: 1 })]), other.write([insert('a', { n: 2 })])]);
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await table.get('p', 'a')).toMatchObject({ n: both[0].ok ? 1 : 2 });
  });
});

describe('E5 a write whose answer was lost', () => {
  it('is tried again and recognises its own insert', async () => {
    failing.loseAnswers(1);
    expect(await table.write([insert('a', { n: 1 })])).toEqual({ ok: true, etags: [await etagOf('a')] });
  });

  it('recognises its own change', async () => {
    await table.write([insert('a', { n: 1 })]);
    const merge = await mergeOf('a', { n: 2 });
    failing.loseAnswers(2);
    expect(await table.write([merge])).toEqual({ ok: true, etags: [await etagOf('a')] });
    expect(await table.get('p', 'a')).toMatchObject({ n: 2 });
  });

  it('recognises its own transaction', async () => {
    await table.write([insert('a')]);
    const writes = [await mergeOf('a', { n: 2 }), insert('b'), insert('c')];
    failing.loseAnswers(1);
    expect(await table.write(writes)).toEqual({
      ok: true,
      etags: [await etagOf('a'), await etagOf('b'), await etagOf('c')],
    });
  });

  it("does not take somebody else's row for its own", async () => {
    failing.refuse(1);
    await other.write([insert('a', { by: 'other' })]);
    expect(await table.write([insert('a', { by: 'table' })])).toMatchObject({ ok: false, conflict: 'exists' });
  });

  it('is recognised in the rest of the transaction when somebody has changed its first row since', async () => {
    await table.write([insert('head')]);
    const writes = [await mergeOf('head', { n: 1 }), insert('b')];
    failing.loseAnswers(1);
    failing.afterLoss = async () => void (await other.write([await mergeOf('head', { n: 2 })]));
    const written = await table.write(writes);
    expect(written).toMatchObject({ ok: true });
    expect(await table.get('p', 'head')).toMatchObject({ n: 2 });
  });

  it('is recognised by its first row alone where nobody changes that one, whatever became of the others', async () => {
    await table.write([insert('b')]);
    const writes = [insert('marker'), await mergeOf('b', { n: 1 })];
    failing.loseAnswers(1);
    failing.afterLoss = async () => void (await other.write([await mergeOf('b', { by: 'other' })]));
    const written = await table.write(writes, { knownBy: 'first' });
    expect(written).toMatchObject({ ok: true });
    expect(await table.get('p', 'b')).toMatchObject({ n: 1, by: 'other' });
    const etag = written.ok ? (written.etags[1] ?? '') : '';
    expect(await table.write([{ kind: 'merge', row: row('b'), etag }])).toMatchObject({ conflict: 'changed' });
    failing.refuse(1);
    expect(await table.write(writes, { knownBy: 'first' })).toMatchObject({ ok: false, conflict: 'exists' });
  });

  it('gives no ETag by which the change of somebody else could be overwritten unseen', async () => {
    await table.write([insert('head'), insert('b')]);
    const writes = [await mergeOf('head', { n: 1 }), await mergeOf('b', { n: 1 })];
    failing.loseAnswers(1);
    failing.afterLoss = async () => void (await other.write([await mergeOf('b', { by: 'other' })]));
    const written = await table.write(writes);
    const etag = written.ok ? (written.etags[1] ?? '') : 'conflict';
    expect(await table.write([{ kind: 'merge', row: row('b', { by: 'table' }), etag }])).toMatchObject({
      ok: false,
      conflict: 'changed',
    });
    expect(await table.get('p', 'b')).toMatchObject({ n: 1, by: 'other' });
  });
});

describe('storage that is busy', () => {
  it('is asked again', async () => {
    failing.refuse(3, () => true);
    expect(await table.write([insert('a')])).toMatchObject({ ok: true });
    failing.refuse(2, () => true);
    expect(await table.get('p', 'a')).toMatchObject({ rowKey: 'a' });
  });

  it('for too long is StorageUnavailable, and works again later', async () => {
    await table.write([insert('a')]);
    failing.refuse(100, () => true);
    await expect(table.get('p', 'a')).rejects.toThrow(StorageUnavailable);
    failing.refuse(0);
    expect(await table.get('p', 'a')).toMatchObject({ rowKey: 'a' });
  });

  it('while the table is made does not spoil the table for good', async () => {
    failing.refuse(100, () => true);
    await expect(table.write([insert('a')])).rejects.toThrow(StorageUnavailable);
    failing.refuse(0);
    expect(await table.write([insert('a')])).toMatchObject({ ok: true });
  });

  it.each([
    ['the connection was refused', new RestError('connect', { code: 'ECONNREFUSED' })],
    ['the connection was cut in the middle of an answer', new RestError('aborted', { code: RestError.PARSE_ERROR })],
    ['the answer was 500', new RestError('internal', { statusCode: 500 })],
    ['the answer was 429', new RestError('throttled', { statusCode: 429 })],
  ])('because %s is asked again', async (_what, error) => {
    await table.write([insert('a')]);
    failing.refuse(1, () => true, error);
    expect(await table.get('p', 'a')).toMatchObject({ rowKey: 'a' });
  });

  it('says no for good at once when the request itself is bad', async () => {
    await table.write([insert('a')]);
    failing.refuse(1, () => true, new RestError('bad', { statusCode: 400 }));
    await expect(table.get('p', 'a')).rejects.toMatchObject({ name: 'StorageRefused' });
  });
});

describe('deletes in a transaction', () => {
  const key = (rowKey: string) => ({ partitionKey: 'p', rowKey });
  const put = async (...rowKeys: string[]): Promise<string[]> => {
    const written = await table.write(rowKeys.map((rowKey) => ({ kind: 'insert', row: { ...key(rowKey), n: 1 } })));
    return written.ok ? written.etags : [];
  };

  it('remove rows that are as they were seen, each by its own ETag, beside other writes', async () => {
    const [a = '', b = '', c = ''] = await put('a', 'b', 'c');
    const written = await table.write([
      { kind: 'delete', row: key('a'), etag: a },
      { kind: 'merge', row: { ...key('b'), n: 2 }, etag: b },
      { kind: 'delete', row: key('c'), etag: c },
      { kind: 'insert', row: { ...key('d'), text: 'DELETE x\r\nIf-Match: *' } },
    ]);
    expect(written).toMatchObject({ ok: true });
    const left = [];
    for await (const { rowKey } of table.rows({ partitionKey: 'p' })) left.push(rowKey);
    expect(left).toEqual(['b', 'd']);
  });

  it('remove nothing when one of the rows was changed, or is gone', async () => {
    const [a = '', b = ''] = await put('a', 'b');
    await table.write([{ kind: 'merge', row: { ...key('b'), n: 2 }, etag: b }]);
    const remove = () =>
      table.write([
        { kind: 'delete', row: key('a'), etag: a },
        { kind: 'delete', row: key('b'), etag: b },
      ]);
    expect(await remove()).toEqual({ ok: false, conflict: 'changed', index: 1 });
    await table.write([{ kind: 'delete', row: key('b') }]);
    expect(await remove()).toMatchObject({ ok: false, conflict: 'missing' });
    expect(await table.get('p', 'a')).toMatchObject({ n: 1 });
    expect(await table.write([{ kind: 'delete', row: key('a'), etag: b }])).toMatchObject({ ok: false });
  });
});

describe('a range', () => {
  const keysOf = async (rows: AsyncIterable<Row>) => {
    const keys: string[] = [];
    for await (const { partitionKey, rowKey } of rows) keys.push(`${partitionKey}/${rowKey}`);
    return keys;
  };

  beforeEach(async () => {
    for (const partitionKey of ['p1', 'p2', 'p3']) {
      await table.write(
        ['a', 'b', 'c'].map((rowKey) => ({ kind: 'insert', row: { partitionKey, rowKey, n: 1, m: 2 } })),
      );
    }
  });

  it.each([
    [{ partitionKey: 'p2' }, 'p2/a p2/b p2/c'],
    [{ partitionKey: 'p2', from: 'b' }, 'p2/b p2/c'],
    [{ partitionKey: 'p2', after: 'b' }, 'p2/c'],
    [{ partitionKey: 'p2', to: 'b' }, 'p2/a'],
    [{ partitionKey: 'p2', from: 'b', to: 'c' }, 'p2/b'],
    [{ partitionFrom: 'p2' }, 'p2/a p2/b p2/c p3/a p3/b p3/c'],
    [{ partitionAfter: 'p2' }, 'p3/a p3/b p3/c'],
    [{ partitionTo: 'p2' }, 'p1/a p1/b p1/c'],
    [{ partitionFrom: 'p1', partitionTo: 'p3', from: 'c' }, 'p1/c p2/c'],
    [{ partitionKey: 'p4' }, ''],
    [{}, 'p1/a p1/b p1/c p2/a p2/b p2/c p3/a p3/b p3/c'],
  ])('%j gives its rows in key order', async (range, keys) => {
    expect((await keysOf(table.rows(range))).join(' ')).toBe(keys);
  });

  it('gives only the properties that are asked for, and the keys', async () => {
    const { rows } = await table.page({ partitionKey: 'p1', select: ['n'] }, 1);
    expect(rows[0]).toMatchObject({ partitionKey: 'p1', rowKey: 'a', n: 1, etag: expect.any(String) });
    expect(rows[0]).not.toHaveProperty('m');
  });

  it('tells whether more rows follow a page', async () => {
    expect(await table.page({ partitionKey: 'p1' }, 2)).toMatchObject({ rows: { length: 2 }, more: true });
    expect(await table.page({ partitionKey: 'p1', after: 'b' }, 2)).toMatchObject({ rows: { length: 1 }, more: false });
  });

  it('over more rows than a page holds gives each once, across partitions', async () => {
    const many = openTestStorage().table('many');
    const expected: string[] = [];
    for (const partitionKey of ['q1', 'q2', 'q3']) {
      for (let batch = 0; batch < 4; batch++) {
        const keys = Array.from({ length: 100 }, (_, at) => `r${String(batch * 100 + at).padStart(4, '0')}`);
        await many.write(keys.map((rowKey) => ({ kind: 'insert', row: { partitionKey, rowKey } })));
        expected.push(...keys.map((rowKey) => `${partitionKey}/${rowKey}`));
      }
    }
    // 1,200 rows: the service's page of 1,000 ends in the middle of the third partition.
    expect(await keysOf(many.rows({}))).toEqual(expected);
    expect(await keysOf(many.rows({ partitionFrom: 'q1', partitionTo: 'q4' }))).toEqual(expected);
    expect(await keysOf(many.rows({ partitionFrom: 'q1', from: 'r0010' }))).toEqual(
      expected.filter((key) => key.slice(3) >= 'r0010'),
    );
  });
});
