import { z } from 'zod';
import { MAX_PAGE, type Row, type StoredRow, type Table } from '../../storage/table.ts';
import { SHARE_KEYS } from './share-rows.ts';

/** The last row of shares of a table that was looked at. */
export const sharedPlaceSchema = z.strictObject({ bucket: z.string(), row: z.string() });
export type SharedPlace = z.infer<typeof sharedPlaceSchema>;

/** Rows of shares of a table behind a place, at most `limit`, and the place behind them; undefined at the table's end. */
export async function readSharedPage(
  table: Table,
  place: SharedPlace | undefined,
  limit: number = MAX_PAGE,
): Promise<{ readonly rows: StoredRow[]; readonly place: SharedPlace | undefined }> {
  if (place) {
    const rest = await readRange(table, { partitionKey: place.bucket, after: place.row }, limit);
    if (rest.rows.length > 0) return { rows: rest.rows, place: rest.last };
  }
  const { rows, last, more } = await readRange(table, place ? { partitionAfter: place.bucket } : {}, limit);
  return { rows, place: more ? last : undefined };
}

async function readRange(table: Table, range: Parameters<Table['page']>[0], limit: number) {
  const { rows, more } = await table.page<Row>({ from: SHARE_KEYS.from, to: SHARE_KEYS.to, ...range }, limit);
  const last = rows.at(-1);
  return { rows, more, last: last && { bucket: last.partitionKey, row: last.rowKey } };
}
