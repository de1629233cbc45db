import type { CellValue } from './table.ts';

/** A property holds 64 KiB, which is this many UTF-16 units. */
const PART_LENGTH = 32 * 1024;

/** Spreads a text over as many properties `<name>0`, `<name>1` … as it needs. Undone by `joinLongText`. */
export function splitLongText(name: string, text: string): Record<string, string> {
  const parts: Record<string, string> = {};
  for (let at = 0, index = 0; at < text.length || index === 0; index++) {
    let part = text.slice(at, at + PART_LENGTH);
    // The two halves of a character beyond 16 bits stay together: alone neither is a text that a service must keep.
    if (part.length === PART_LENGTH && /[\uD800-\uDBFF]$/.test(part)) part = part.slice(0, -1);
    parts[`${name}${index}`] = part;
    at += part.length;
  }
  return parts;
}

/** The text that `splitLongText` spread over a row; undefined when there is none. */
export function joinLongText(name: string, row: Readonly<Record<string, CellValue | undefined>>): string | undefined {
  let text: string | undefined;
  for (let index = 0; typeof row[`${name}${index}`] === 'string'; index++) text = (text ?? '') + row[`${name}${index}`];
  return text;
}
