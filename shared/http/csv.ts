/** A value in a CSV file; null and undefined leave the cell empty. */
export type CsvValue = string | number | boolean | null | undefined;

/** Characters at the start of a cell by which spreadsheets take text for a formula. */
const FORMULA = /^(?:\s*[=+\-@＝＋－＠]|[\t\r\n])/;

/**
 * One line of a CSV file after RFC 4180, with its line end. Text that a spreadsheet would run as a formula gets an
 * apostrophe before it.
 */
export function csvLine(values: readonly CsvValue[]): string {
  return `${values.map(toCell).join(',')}\r\n`;
}

function toCell(value: CsvValue): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** How the items of a list become lines, where a line per item with all its fields won't do. */
export interface CsvForm {
  /** In this order; fields beyond them are left out. */
  readonly columns: readonly string[];
  /** The lines of an item, by column. Default: one line with its fields. */
  readonly linesOf?: (item: never) => Readonly<Record<string, CsvValue>>[];
}
