import { columnsOf, type TableName } from '../catalogue/tables.ts';
import type { RecordValue } from './record.ts';

/** What an index row can hold; more words than that are not found by search. */
const MAX_LENGTH = 8_000;

/**
 * The words by which a record is found, in lower case, each behind a space: the parts of its searched columns between
 * white space, and the parts of those between signs (`anna.berg@contoso.com` is found by `contoso` too).
 */
export function searchWords(...values: Pick<RecordValue, 'table' | 'columns'>[]): string {
  const words = new Set<string>();
  for (const { table, columns } of values) {
    for (const name of searchedColumns(table)) {
      for (const part of normalize(String(columns[name] ?? '')).split(/\s+/u)) {
        words.add(part);
        for (const inner of part.split(/[^\p{L}\p{N}\p{M}]+/u)) words.add(inner);
      }
    }
  }
  words.delete('');
  return [...words]
    .map((word) => ` ${word}`)
    .join('')
    .slice(0, MAX_LENGTH);
}

/** Whether each word of the search is the beginning of one of the words. A search without words finds everything. */
export function matchesSearch(words: string, search: string): boolean {
  return normalize(search)
    .split(/\s+/u)
    .every((term) => term === '' || words.includes(` ${term}`));
}

function normalize(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

function searchedColumns(table: TableName): string[] {
  return Object.entries(columnsOf(table)).flatMap(([name, column]) => (column.searched ? [name] : []));
}
