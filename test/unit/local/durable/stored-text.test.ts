import { describe, expect, it } from 'vitest';
import { fromTextRows, ROW_CHARS, toTextRows } from '../../../../local/durable/stored-text.ts';
import { checkRowSize } from '../../../../shared/storage/size-limits.ts';

const KEY = { partitionKey: 'p', rowKey: 'r' };

function roundTrip(text: string): string | undefined {
  const { head, parts } = toTextRows(KEY, text, (part) => `r.${part}`);
  for (const { partitionKey, rowKey, ...row } of [head, ...parts]) {
    checkRowSize({ ...row, PartitionKey: partitionKey, RowKey: rowKey });
  }
  return fromTextRows(head, (part) => parts.find(({ rowKey }) => rowKey === `r.${part}`));
}

describe('a text in rows', () => {
  it.each([0, 1, 32_768, 32_769, ROW_CHARS - 1, ROW_CHARS, ROW_CHARS + 1, 5 * ROW_CHARS])(
    'of %i characters comes back whole, and no row is too big for Azure',
    (length) => {
      expect(roundTrip('x'.repeat(length))).toHaveLength(length);
    },
  );

  it('is not there when a part is missing', () => {
    const { head } = toTextRows(KEY, 'x'.repeat(ROW_CHARS + 1), (part) => `r.${part}`);
    expect(fromTextRows(head, () => undefined)).toBeUndefined();
  });

  it('keeps to its own properties where a longer text’s are left in the row', () => {
    const longer = toTextRows(KEY, 'x'.repeat(100_000), String).head;
    const shorter = toTextRows(KEY, 'short', String).head;
    expect(fromTextRows({ ...longer, ...shorter }, () => undefined)).toBe('short');
  });
});
