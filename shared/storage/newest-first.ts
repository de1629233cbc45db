/**
 * The order of a list, newest first: Table Storage sorts by key alone, so an index row per item has the item's time,
 * counted backwards, in its key. PartitionKey = scope | first digits (one second of items, or more where a scope says so),
 * RowKey = the whole time | id. This is a storage format (docs/adr/0002). A row only hints: it is written before the item,
 * and whoever lists looks at the item itself.
 */
import { z } from 'zod';
import { afterPrefix, numberKey } from './keys.ts';
import type { Row, StoredRow, Table, Write } from './table.ts';

const LAST_MS = 9_999_999_999_999;
const SLOT_DIGITS = 10;

/** What an index row carries beside its key, for filters that need no look at the item. */
export type IndexNotes = Readonly<Record<string, string | number | boolean>>;

/** A place in a list: the item after which to go on. */
export const placeSchema = z.strictObject({ p: z.string().max(200), r: z.string().max(200) });
export type Place = z.infer<typeof placeSchema>;

/** An entry of a list. */
export interface IndexEntry<Notes> {
  readonly id: string;
  readonly notes: Notes;
  readonly place: Place;
}

/**
 * The write that puts an item at its place; the same item and time give the same row. `slotDigits` (13 are one
 * millisecond) says how much time shares a partition, and is the same for all items of a scope.
 */
export function indexWrite(
  scope: string,
  createdOn: string,
  id: string,
  notes: IndexNotes,
  slotDigits = SLOT_DIGITS,
): Write {
  return { kind: 'upsert', row: { ...keyOf(scope, createdOn, id, slotDigits), ...notes } };
}

/** The place in another scope that comes at the same point of the order. */
export function placeIn(scope: string, { r }: Place, slotDigits: number): Place {
  return { p: `${scope}|${r.slice(0, slotDigits)}`, r };
}

/** Whether an entry stands where an item of this time belongs; an abandoned first attempt can leave another one. */
export function isPlaceOf(entry: IndexEntry<unknown> | undefined, createdOn: string): boolean {
  return entry !== undefined && entry.place.r === keyOf('', createdOn, entry.id).rowKey;
}

function keyOf(
  scope: string,
  createdOn: string,
  id: string,
  slotDigits = SLOT_DIGITS,
): { partitionKey: string; rowKey: string } {
  const backwards = numberKey(LAST_MS - Date.parse(createdOn), 13);
  return { partitionKey: `${scope}|${backwards.slice(0, slotDigits)}`, rowKey: `${backwards}|${id}` };
}

/** The place after which the entries of before a time stand; where a scope has slots of its own, to the second. */
export function placeBefore(scope: string, ms: number): Place {
  const { partitionKey, rowKey } = keyOf(scope, new Date(ms).toISOString(), '');
  return { p: partitionKey, r: afterPrefix(rowKey) };
}

/** The time of the item at a place, in milliseconds since 1970. */
export function timeOfPlace({ r }: Place): number {
  return LAST_MS - Number(r.slice(0, 13));
}

/** The entries of a scope, newest first, from after a place on. */
export async function* newestFirst<Notes>(
  table: Table,
  scope: string,
  after?: Place,
): AsyncGenerator<IndexEntry<Notes>> {
  const all = { partitionFrom: `${scope}|`, partitionTo: afterPrefix(`${scope}|`) };
  if (after) {
    for await (const row of table.rows({ partitionKey: after.p, after: after.r })) yield toEntry(row);
  }
  for await (const row of table.rows(after ? { ...all, partitionAfter: after.p } : all)) yield toEntry(row);
}

function toEntry<Notes>(row: StoredRow<Row>): IndexEntry<Notes> {
  return {
    id: row.rowKey.slice(14),
    notes: row as unknown as Notes,
    place: { p: row.partitionKey, r: row.rowKey },
  };
}

/** How many entries one request looks at before it answers with what it has and a token to go on. */
const MAX_ENTRIES_PER_REQUEST = 20_000;
/** Items are fetched in groups of this size. */
const GROUP = 100;

/**
 * Fills a page: walks the index, drops entries whose notes don't fit, fetches the items of the rest and keeps those that
 * fit. Gives `after` when there may be more. `fetch` answers in the order asked, undefined for what is not to be shown.
 */
export async function fillPage<Notes, Item, Entry extends IndexEntry<Notes> = IndexEntry<Notes>>(
  entries: AsyncIterable<Entry>,
  pageSize: number,
  fits: (entry: Entry) => boolean,
  fetch: (entries: readonly Entry[]) => Promise<readonly (Item | undefined)[]>,
): Promise<{ items: Item[]; after: Place | undefined }> {
  const items: Item[] = [];
  let group: Entry[] = [];
  let last: Place | undefined;
  let seen = 0;
  const flush = async (): Promise<boolean> => {
    const found = await fetch(group);
    for (const [at, item] of found.entries()) {
      if (item === undefined) continue;
      items.push(item);
      if (items.length > pageSize) break;
      last = group[at]?.place;
    }
    group = [];
    return items.length > pageSize;
  };
  for await (const entry of entries) {
    seen++;
    if (fits(entry)) group.push(entry);
    if (group.length === Math.min(GROUP, pageSize + 1) && (await flush()))
      return { items: items.slice(0, pageSize), after: last };
    if (seen >= MAX_ENTRIES_PER_REQUEST) {
      if (await flush()) return { items: items.slice(0, pageSize), after: last };
      return { items, after: entry.place };
    }
  }
  if (await flush()) return { items: items.slice(0, pageSize), after: last };
  return { items, after: undefined };
}
