import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, parseStrictJson } from '../../../shared/http/strict-json.ts';

function bytes(...values: number[]): ArrayBuffer {
  return new Uint8Array(values).buffer;
}

describe('E3 a JSON body', () => {
  it.each([
    ['a name twice in one object', '{"a":1,"a":2}', /"a" stands twice/],
    ['a name twice deep inside', '{"a":[{"b":1},{"b":{"c":1,"d":[],"c":2}}]}', /"c" stands twice/],
    ['a name twice, once escaped', '{"name":1,"n\\u0061me":2}', /stands twice/],
    ['half of a surrogate pair', '{"a":"\\ud800x"}', /surrogate/],
    ['half of a surrogate pair in a name', '{"\\udc00":1}', /surrogate/],
  ])('with %s is refused', (_what, text, reason) => {
    expect(() => parseStrictJson(text)).toThrow(reason);
  });

  it.each([
    ['{"a":{"a":[{"a":1},{"a":2}]},"b":"a"}'],
    ['{"text":"{\\"a\\":1,\\"a\\":2}","back":"\\\\","pair":"\\ud83d\\ude00"}'],
    ['[[],{},"",":",null]'],
  ])('%s is taken as it is', (text) => {
    expect(parseStrictJson(text)).toEqual(JSON.parse(text));
  });

  it('is taken whatever its values are', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4, stringUnit: 'grapheme' }), (text) => {
        expect(parseStrictJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('of a megabyte of brackets or of one string is read without a deep stack', () => {
    expect(() => parseStrictJson('['.repeat(64) + ']'.repeat(64))).not.toThrow();
    for (const depth of [65, 500_000]) {
      expect(() => parseStrictJson('['.repeat(depth) + ']'.repeat(depth))).toThrow('64 levels');
    }
    expect(parseStrictJson(`[${'{},'.repeat(300_000)}{}]`)).toHaveLength(300_001);
    expect(parseStrictJson(`"${'\\n'.repeat(500_000)}"`)).toHaveLength(500_000);
  });

  it('that is not in UTF-8 is refused', () => {
    expect(() => decodeUtf8(bytes(0x22, 0xff, 0x22))).toThrow(/UTF-8/);
    expect(decodeUtf8(bytes(0x22, 0xc3, 0xa9, 0x22))).toBe('"é"');
  });
});
