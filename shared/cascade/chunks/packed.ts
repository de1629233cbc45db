/**
 * Lists in a property of a row: the values, none of which holds a line break, one a line. Cheaper than JSON where
 * thousands are read. The list must not be empty.
 */
const SEPARATOR = '\n';

/** Packs values into one text. */
export function pack(values: readonly (string | number)[]): string {
  return values.join(SEPARATOR);
}

/** The values of a packed text. */
export function unpack(text: string): string[] {
  return text.split(SEPARATOR);
}
