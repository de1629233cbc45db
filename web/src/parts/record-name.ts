import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { RELATIONSHIPS } from '../../../shared/catalogue/relationships.ts';
import { call } from '../api/call.ts';
import type { RecordBody } from '../api/shapes.ts';

/** All tables: each is in some relationship. */
export const TABLES = [...new Set(RELATIONSHIPS.flatMap(({ parent, child }) => [parent, child]))];

const NAMES = [
  'name',
  'fullName',
  'title',
  'subject',
  'orderNumber',
  'quoteNumber',
  'street',
  'item',
  'value',
] as const;
/** A name changes seldom: a list that is asked for every two seconds doesn't ask for its names again. */
const NAME_FRESH_MS = 300_000;

/** What a record is called: the first of its columns that says so, else its id. */
export function nameOf(record: RecordBody): string {
  const named = NAMES.map((column) => record[column]).find((value) => typeof value === 'string' && value !== '');
  return typeof named === 'string' ? named : record.id;
}

export const recordPath = (table: string, id: string) =>
  `/tables/${encodeURIComponent(table)}/${encodeURIComponent(id)}`;

/** A table as people call it. */
export function useTableName(): (table: string) => string {
  const { t } = useTranslation('names');
  return (table) => t(`table.${table}`);
}

/** Table and name of a record; its whole id where it is deleted, can't be read, or hasn't been read yet. Without an id: ''. */
export function useRecordName(table: string, id: string | null | undefined): string {
  const tableName = useTableName();
  const { data } = useQuery({
    queryKey: [recordPath(table, id ?? ''), 'name'],
    queryFn: async ({ signal }) => nameOf(await call<RecordBody>(recordPath(table, id ?? ''), { signal })),
    enabled: typeof id === 'string',
    staleTime: NAME_FRESH_MS,
    retry: false,
  });
  return typeof id === 'string' ? `${tableName(table)} ${data ?? id}` : '';
}
