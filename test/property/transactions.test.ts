import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkRowSize } from '../../shared/storage/size-limits.ts';
import { lockOf, lockProperties, releaseProperties, rowAt } from '../../shared/transactions/locked-row.ts';
import { cutUnits, fromManifest, type Participant, toManifest } from '../../shared/transactions/participants.ts';

const name = fc.stringMatching(/^[a-z]{1,8}$/).map((text) => `c_${text}`);
const cell = fc.oneof(fc.string(), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean());
const values = fc.dictionary(name, cell, { maxKeys: 6 });
const participants = fc
  .uniqueArray(
    fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 400 })),
    {
      maxLength: 400,
      selector: (key) => key.join('|'),
    },
  )
  .map((keys) =>
    keys.map(
      ([table, partition, row]): Participant => ({
        table: `records${table}`,
        partitionKey: `h0${partition}`,
        rowKey: `~s|${row}|anna smith`,
        kind: 'change',
        etag: 'e',
        set: {},
      }),
    ),
  );

describe('C2 what a transaction stores', () => {
  it('gives every value back as it was', () => {
    fc.assert(
      fc.property(values, values, (before, set) => {
        const row = { partitionKey: 'p', rowKey: 'r', etag: 'e', ...before };
        const locked = { ...row, ...lockProperties('t', set) };
        expect(rowAt(locked, 'committed')).toMatchObject({ ...before, ...structuredClone(normal(set)) });
        expect(rowAt(locked, 'aborted')).toMatchObject(before);
        expect(lockOf({ ...locked, ...releaseProperties(locked, 'committed') })).toBeUndefined();
      }),
    );
  });

  it('locks each row once, in one order, a hundred of a partition at most together', () => {
    fc.assert(
      fc.property(participants, (rows) => {
        const units = cutUnits(rows);
        const keys = units.flatMap((unit) =>
          unit.rows.map(({ table, partitionKey, rowKey }) => [table, partitionKey, rowKey]),
        );
        expect(keys).toEqual(rows.map(({ table, partitionKey, rowKey }) => [table, partitionKey, rowKey]).sort(byKey));
        for (const unit of units) {
          expect(unit.rows.length).toBeLessThanOrEqual(100);
          for (const row of unit.rows)
            expect(row).toMatchObject({ table: unit.table, partitionKey: unit.partitionKey });
        }
      }),
    );
  });

  it('finds every row again by its manifest, whose parts fit a property', () => {
    fc.assert(
      fc.property(participants, (rows) => {
        const units = cutUnits(rows);
        const parts = toManifest(units);
        for (const part of parts) checkRowSize({ ...part });
        const found = parts
          .flatMap(fromManifest)
          .flatMap(({ table, partitionKey, rowKeys }) => rowKeys.map((rowKey) => [table, partitionKey, rowKey]));
        const wanted = rows.map(({ table, partitionKey, rowKey }) => [table, partitionKey, rowKey]);
        expect(found.sort(byKey)).toEqual(wanted.sort(byKey));
      }),
    );
  });

  it('keeps units under what one transaction may have on the wire, whatever the letters', () => {
    const rows = Array.from({ length: 60 }, (_, at): Participant => {
      const set = { note: '漢"\\'.repeat(9_000) };
      return { table: 't', partitionKey: 'p', rowKey: String(at), kind: 'change', etag: 'e', set };
    });
    const units = cutUnits(rows);
    expect(units.length).toBeGreaterThan(1);
    for (const unit of units) {
      const body = unit.rows.map((row) => (row.kind === 'change' ? lockProperties('t', row.set) : {}));
      const wire = JSON.stringify(body).replace(/[^\0-\x7f]/g, '\\u0000');
      expect(wire.length).toBeLessThan(3.4 * 1024 * 1024);
    }
  });
});

/** JSON has no negative zero; storage has none either. */
function normal(set: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(set).map(([key, value]) => [key, Object.is(value, -0) ? 0 : value]));
}

function byKey(a: readonly string[], b: readonly string[]): number {
  for (const [at, part] of a.entries()) {
    const other = b[at] ?? '';
    if (part !== other) return part < other ? -1 : 1;
  }
  return 0;
}
