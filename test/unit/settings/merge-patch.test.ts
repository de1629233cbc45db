import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { applyMergePatch, mergePatchSchema, overlay } from '../../../shared/settings/merge-patch.ts';

describe('a merge-patch', () => {
  it.each([
    [{ a: 1 }, { a: 2 }, { a: 2 }],
    [{ a: 1 }, { b: 2 }, { a: 1, b: 2 }],
    [{ a: 1, b: 2 }, { a: null }, { b: 2 }],
    [{ a: { b: 1, c: 2 } }, { a: { b: null } }, { a: { c: 2 } }],
    [{ a: { b: 1 } }, { a: null }, {}],
    [{ a: 1 }, { a: { b: 2, c: null } }, { a: { b: 2 } }],
    [{ a: [1, 2] }, { a: [3] }, { a: [3] }],
    [{}, { a: { b: { c: null } } }, { a: { b: {} } }],
    [{ a: 1 }, {}, { a: 1 }],
  ])('turns %j by %j into %j', (target, patch, result) => {
    const before = structuredClone(target);
    expect(applyMergePatch(target, patch)).toEqual(result);
    expect(target).toEqual(before);
  });

  it('may leave out or clear every member to any depth, and name none that is unknown', () => {
    const schema = mergePatchSchema(z.strictObject({ a: z.number(), group: z.strictObject({ b: z.boolean() }) }));
    for (const good of [{}, { a: 1 }, { a: null }, { group: {} }, { group: null }, { group: { b: null } }]) {
      expect(schema.safeParse(good).success).toBe(true);
    }
    for (const bad of [{ c: 1 }, { a: 'x' }, { group: { c: 1 } }, { group: { b: 1 } }, { group: [] }, null, []]) {
      expect(schema.safeParse(bad).success).toBe(false);
    }
  });

  it('of stored values leaves defaults where nothing usable is stored', () => {
    const defaults = { a: 1, group: { b: true, c: 'x' } };
    expect(overlay(defaults, {})).toEqual(defaults);
    expect(overlay(defaults, { a: 2, group: { b: false } })).toEqual({ a: 2, group: { b: false, c: 'x' } });
    expect(overlay(defaults, { a: 'two', group: 3, gone: 1 })).toEqual(defaults);
  });
});
