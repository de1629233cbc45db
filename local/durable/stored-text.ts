/**
 * Texts of any length as table rows. A text becomes one head row and, when it is long, part rows beside it; the head is
 * written last, so a text exists once its head does. Only ASCII is stored (the rest as JSON escapes, by
 * shared/storage/ascii-json.ts), so that a text may be cut anywhere and its size is known.
 */
import type { Row } from '../../shared/storage/table.ts';

/** A property holds 64 KiB in UTF-16. */
const PROPERTY_CHARS = 32 * 1024;
const PROPERTIES_PER_ROW = 15;
/** A row of this length stays below Azure's 1 MiB. */
export const ROW_CHARS = PROPERTY_CHARS * PROPERTIES_PER_ROW;

/** A head row says how many properties hold its share of the text and how many part rows follow. */
export interface HeadRow extends Row {
  properties: number;
  parts: number;
}

/** The rows of a text, parts first in writing order. `partKey(i)` is the RowKey of part row `i`, from 0. */
export function toTextRows(
  key: { readonly partitionKey: string; readonly rowKey: string },
  text: string,
  partKey: (part: number) => string,
): { head: HeadRow; parts: Row[] } {
  const parts: Row[] = [];
  for (let at = ROW_CHARS; at < text.length; at += ROW_CHARS) {
    const row: Row = { partitionKey: key.partitionKey, rowKey: partKey(parts.length) };
    parts.push({ ...row, ...toProperties(text.slice(at, at + ROW_CHARS)) });
  }
  const properties = toProperties(text.slice(0, ROW_CHARS));
  return { head: { ...key, parts: parts.length, properties: Object.keys(properties).length, ...properties }, parts };
}

/** The text of a head row and its part rows; undefined when a part is missing. */
export function fromTextRows(head: HeadRow, part: (part: number) => Row | undefined): string | undefined {
  let text = fromProperties(head, head.properties);
  for (let index = 0; index < head.parts; index++) {
    const row = part(index);
    if (!row) return undefined;
    text += fromProperties(row, PROPERTIES_PER_ROW);
  }
  return text;
}

function toProperties(text: string): Record<string, string> {
  const properties: Record<string, string> = {};
  for (let at = 0; at < text.length; at += PROPERTY_CHARS) {
    properties[`d${at / PROPERTY_CHARS}`] = text.slice(at, at + PROPERTY_CHARS);
  }
  return properties;
}

function fromProperties(row: Row, count: number): string {
  let text = '';
  for (let index = 0; index < count; index++) {
    const value = row[`d${index}`];
    if (typeof value === 'string') text += value;
  }
  return text;
}
