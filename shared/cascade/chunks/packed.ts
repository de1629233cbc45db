/**
 * Lists in a property of a row: on a line each what all values begin with, what they end with, and then what is in between
 * for each of them. Keys and ETags of records that were written together differ in a few characters, so this is short; and
 * it is cheaper than JSON where thousands are read. No value holds a line break. An empty list is an empty text.
 */
const SEPARATOR = '\n';

/** Packs values into one text. */
export function pack(values: readonly (string | number)[]): string {
  const texts = values.map(String);
  const [first = ''] = texts;
  if (texts.length === 0) return '';
  let begin = first.length;
  for (const text of texts) while (!text.startsWith(first.slice(0, begin))) begin--;
  let end = Math.min(...texts.map((text) => text.length)) - begin;
  for (const text of texts) while (!text.endsWith(first.slice(first.length - end))) end--;
  // The two halves of a character beyond 16 bits stay together.
  if (/[\uD800-\uDBFF]$/.test(first.slice(0, begin))) begin--;
  if (end > 0 && /^[\uDC00-\uDFFF]/.test(first.slice(first.length - end))) end--;
  const middles = texts.map((text) => text.slice(begin, text.length - end));
  return [first.slice(0, begin), first.slice(first.length - end), ...middles].join(SEPARATOR);
}

/** The values of a packed text. */
export function unpack(text: string): string[] {
  if (text === '') return [];
  const [begin = '', end = '', ...middles] = text.split(SEPARATOR);
  return middles.map((middle) => begin + middle + end);
}
