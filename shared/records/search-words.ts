import { columnsOf, type TableName } from '../catalogue/tables.ts';
import type { RecordValue } from './record.ts';

/** What an index row can hold; more words than that are not found by search. */
const MAX_LENGTH = 8_000;

/** Longest word: no search is longer. */
const MAX_WORD = 200;

/** In how much text without white space the words behind signs are looked for. */
const MAX_PART = 1_000;

/**
 * The words by which a record is found, in lower case, each behind a space: the parts of its searched columns between
 * white space, and what begins in those behind a sign (`anna.berg@contoso.com` is found by `contoso.com` too).
 */
export function searchWords(...values: Pick<RecordValue, 'table' | 'columns'>[]): string {
  return wordsIn(
    ...values.flatMap(({ table, columns }) => searchedColumns(table).map((name) => String(columns[name] ?? ''))),
  );
}

/** The same of texts that are no records'. */
export function wordsIn(...texts: readonly string[]): string {
  const words = new Set<string>();
  for (const part of texts.flatMap((text) => normalize(text).split(/\s+/u))) {
    words.add(part.slice(0, MAX_WORD));
    for (const { index } of part.slice(0, MAX_PART).matchAll(/(?<=[^\p{L}\p{N}\p{M}])[\p{L}\p{N}\p{M}]/gu)) {
      words.add(part.slice(index, index + MAX_WORD));
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
