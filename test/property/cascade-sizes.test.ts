/** Hunts rows that the size guard lets pass unseen because their JSON is short, though Azure would refuse them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkRowSize, type StoragePolicy, sizeLimitsPolicy } from '../../shared/storage/size-limits.ts';

type Send = StoragePolicy['sendRequest'];

const row = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 40, unit: 'binary' }),
  fc.oneof(fc.string({ maxLength: 700, unit: 'binary' }), fc.integer(), fc.boolean()),
  { maxKeys: 300, size: 'max' },
);
const keys = fc.record({
  PartitionKey: fc.string({ maxLength: 700, size: 'max' }),
  RowKey: fc.string({ maxLength: 700, size: 'max' }),
});

/** What the guard says of a transaction of these rows; undefined when it lets it pass. */
async function refusalOf(rows: readonly object[]): Promise<unknown> {
  const parts = rows.map(
    (row) => `--changeset_x\r\ncontent-type: application/http\r\n\r\nPOST x HTTP/1.1\r\n\r\n\r\n${JSON.stringify(row)}`,
  );
  const body = ['--batch_x\r\n', ...parts, '--changeset_x--', '--batch_x--', ''].join('\r\n');
  const request = { method: 'POST', url: 'x', body } as unknown as Parameters<Send>[0];
  const next = (async () => undefined) as unknown as Parameters<Send>[1];
  try {
    return await sizeLimitsPolicy.sendRequest(request, next);
  } catch (error) {
    return error;
  }
}

function refusalOfRow(row: Record<string, unknown>): unknown {
  try {
    checkRowSize(row, 1);
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('E6 a transaction', () => {
  it('is refused exactly when one of its rows would be, however short they are', async () => {
    await fc.assert(
      fc.asyncProperty(row, keys, async (more, key) => {
        const tested = { ...more, ...key };
        expect(await refusalOf([{ PartitionKey: 'p', RowKey: 'r' }, tested])).toEqual(refusalOfRow(tested));
      }),
      { numRuns: 200 },
    );
  }, 60_000);

  it.each([512, 513])('with a key of %i characters', async (length) => {
    const tested = { PartitionKey: 'p', RowKey: 'k'.repeat(length) };
    const refusal = await refusalOf([tested, tested]);
    if (length <= 512) expect(refusal).toBeUndefined();
    else expect(refusal).toMatchObject({ name: 'StorageRefused', index: 0 });
  });
});
