import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeNonAscii } from '../../../shared/storage/ascii-json.ts';

describe('E5 JSON with text of any script', () => {
  it('is ASCII once it is escaped, and means the same', () => {
    const value = fc.oneof(fc.jsonValue(), fc.record({ text: fc.string({ unit: 'binary' }) }));
    fc.assert(
      fc.property(value, (given) => {
        const escaped = escapeNonAscii(JSON.stringify(given));
        expect(escaped).toMatch(/^\p{ASCII}*$/u);
        expect(JSON.stringify(JSON.parse(escaped))).toBe(JSON.stringify(given));
      }),
    );
    expect(JSON.parse(escapeNonAscii('"😀é\u007f"'))).toBe('😀é\u007f');
  });
});
