/**
 * The outbox: events lie beside the change that they tell of until every receiver has them.
 *
 * Format (docs/adr/0002). A source is a table whose partition holds a head row, which every change of the key replaces:
 * jobs (table `jobs`, head `job`) and customers (table `customerheads`, head `head`). RowKey `event|<sequence, 16 digits>`
 * in that partition: the event as JSON in `body0` …, `sent` = receivers that have it. Table `outboxhints`, PartitionKey =
 * two digits of the key's hash, RowKey = `<source>|<key>`: leads to partitions that have something.
 *
 *  OUTBOX-1  An event's row and the change are one transaction, which is conditioned on the head.
 *  OUTBOX-2  The hint is written before that transaction, each time anew, so that its ETag changes.
 *  OUTBOX-3  A hint is removed only If-Match the ETag under which it was found, and only after a transaction on the head
 *      that was read before the events were. So a writer that hinted before that and comes late meets a changed head,
 *      decides anew and hints anew; one that hinted later has changed the hint.
 *  OUTBOX-4  Event rows are removed or marked only in such a transaction.
 */
import { createHash } from 'node:crypto';
import { jsonColumn } from '../storage/json-column.ts';
import { numberKey } from '../storage/keys.ts';
import type { Storage } from '../storage/storage.ts';
import type { Row, StoredRow, Table, Write } from '../storage/table.ts';
import { eventSchema, type SpillwayEvent } from './event.ts';

/** Where events come from: the table of their partitions, and the row that every change of a key replaces. */
const SOURCES = {
  job: { table: 'jobs', head: 'job' },
  customer: { table: 'customerheads', head: 'head' },
} as const;
/** What events are about. */
export type SourceName = keyof typeof SOURCES;

/** Receivers of events, by the names that rows remember them by. */
export type ReceiverName = 'topic' | 'webhook';

/** Leads to a partition that has events. */
export interface HintRow extends Row {
  /** When somebody was last about to write events here, in ms since 1970. */
  hintedMs: number;
  /** Failed attempts so far, when the next is due, and why the last one failed; absent while none has. */
  failures?: number;
  retryAtMs?: number;
  lastError?: string;
}

interface EventRow extends Row {
  sent: string;
}

/** An event as stored, with the receivers that have it. */
export interface StoredEvent {
  readonly event: SpillwayEvent;
  readonly sent: readonly ReceiverName[];
  readonly rowKey: string;
  readonly etag: string;
}

const BODY = jsonColumn('body', eventSchema);
const PREFIX = 'event|';
const PREFIX_END = 'event}';
const SEQUENCE_DIGITS = 16;
/** Events that one transaction takes out, with the head beside them. */
const MAX_EVENTS = 90;

/** The writes that put events into their key's partition; for the transaction of the change (OUTBOX-1). */
export function eventWrites(events: readonly SpillwayEvent[]): Write[] {
  return events.map((event) => ({
    kind: 'insert',
    row: {
      partitionKey: event.key,
      rowKey: `${PREFIX}${numberKey(event.sequence, SEQUENCE_DIGITS)}`,
      sent: '',
      ...BODY.write(event),
    },
  }));
}

/** Says that a key is about to have events (OUTBOX-2). Before each attempt at the transaction. */
export async function hintEvents(storage: Storage, source: SourceName, key: string, nowMs: number): Promise<void> {
  const row = { ...hintKey(source, key), hintedMs: nowMs };
  await hintTable(storage).write([{ kind: 'upsert', row }]);
}

/** The table of hints. */
export function hintTable(storage: Storage): Table {
  return storage.table('outboxhints');
}

/** What a hint leads to. */
export function placeOf({ rowKey }: Pick<HintRow, 'rowKey'>): { readonly source: SourceName; readonly key: string } {
  const at = rowKey.indexOf('|');
  return { source: rowKey.slice(0, at) as SourceName, key: rowKey.slice(at + 1) };
}

/** The first events of a key, with the head that was read before them; undefined while the key has no head. */
export async function readEvents(
  storage: Storage,
  source: SourceName,
  key: string,
): Promise<{ readonly headEtag: string; readonly events: readonly StoredEvent[]; readonly more: boolean } | undefined> {
  const table = storage.table(SOURCES[source].table);
  const head = await table.get(key, SOURCES[source].head);
  if (!head) return undefined;
  const { rows, more } = await table.page<EventRow>({ partitionKey: key, from: PREFIX, to: PREFIX_END }, MAX_EVENTS);
  return { headEtag: head.etag, events: rows.map(toStoredEvent), more };
}

/** Removes events, and marks others, in a transaction on the head that was read before them (OUTBOX-4). False: the head has changed. */
export async function removeEvents(
  storage: Storage,
  source: SourceName,
  key: string,
  change: {
    readonly headEtag: string;
    readonly gone: readonly StoredEvent[];
    readonly marked: readonly StoredEvent[];
  },
): Promise<boolean> {
  const { table, head } = SOURCES[source];
  const written = await storage.table(table).write([
    { kind: 'merge', row: { partitionKey: key, rowKey: head }, etag: change.headEtag },
    ...change.gone.map(({ rowKey }): Write => ({ kind: 'delete', row: { partitionKey: key, rowKey } })),
    ...change.marked.map(({ rowKey, sent, etag }): Write => {
      return { kind: 'merge', row: { partitionKey: key, rowKey, sent: sent.join() }, etag };
    }),
  ]);
  return written.ok;
}

function hintKey(source: SourceName, key: string): { partitionKey: string; rowKey: string } {
  return { partitionKey: createHash('sha256').update(key).digest('hex').slice(0, 2), rowKey: `${source}|${key}` };
}

function toStoredEvent(row: StoredRow<EventRow>): StoredEvent {
  const { rowKey, etag, sent } = row;
  const event = BODY.read(row);
  if (!event) throw new Error(`The outbox's row ${rowKey} holds no event`);
  return { event, rowKey, etag, sent: sent === '' ? [] : (sent.split(',') as ReceiverName[]) };
}
