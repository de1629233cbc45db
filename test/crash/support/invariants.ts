/**
 * Reads the tables past the app, with the storage client alone, and says which invariant doesn't hold. What it knows of
 * the formats it knows from docs/adr/0002, not from the code.
 *
 *  V1  A channel's replication counters go from 1 up to its head, without gaps or doubles.
 *  V2  Each accepted operation lies in exactly one of the five tables, once, under its channel and counter, and says
 *      Completed with OnlineOperationCompleted = 1.
 *  V3  Upload sequences are unique over all five tables, and rise with a channel's counters.
 *  V4  An accepted customer has one account, with a number that its alias gives back to it and to no other.
 *  V5  A customer's records carry the value, the version and the stamp of the operations applied to them, each once.
 *  V6  Nothing waits: no customer in the queue, no session open, no claim on a root.
 *  V7  A completed job's markers name each of its records once; one in batches has counted them in its lanes.
 *  V8  A record's version is 1 and one more for each marker that says it was written; its owner is the last one written.
 *  V9  No record is locked or fenced, and each hint that a record's lookup asks for is there.
 *  V10 A deleted record is a tombstone of its job; one that was unlinked lives, and no living record has a parent that
 *      doesn't.
 *  V11 Every transaction has ended, none is noted as open, and of an aborted one there is no marker.
 *  V12 Every job has ended, either Completed or without having changed anything.
 */
import { TableClient, TableServiceClient } from '@azure/data-tables';
import { CHANNEL, type ToldAssign, type ToldCascade, type ToldCustomer, type ToldDelete } from './small-stories.ts';

type Entity = Readonly<Record<string, string | number | boolean | undefined>> & {
  readonly partitionKey: string;
  readonly rowKey: string;
};

const STAGING_TABLES = [
  'RETAILASYNCCUSTOMERV2',
  'RETAILASYNCADDRESSV2',
  'RETAILASYNCCUSTOMERCONTACT',
  'RETAILASYNCCUSTOMERAFFILIATION',
  'RETAILASYNCCUSTOMERATTRIBUTEV2',
];

/** All rows of all tables at one moment at which nothing runs. */
export class TableReader {
  readonly #tables = new Map<string, readonly Entity[]>();

  static async read(connectionString: string): Promise<TableReader> {
    const reader = new TableReader();
    const options = { allowInsecureConnection: true };
    for await (const { name = '' } of TableServiceClient.fromConnectionString(connectionString, options).listTables()) {
      const rows: Entity[] = [];
      for await (const row of TableClient.fromConnectionString(connectionString, name, options).listEntities())
        rows.push(row as Entity);
      reader.#tables.set(name, rows);
    }
    return reader;
  }

  /** The rows of a table, none where there is no such table. */
  rows(table: string): readonly Entity[] {
    return this.#tables.get(table) ?? [];
  }
}

/** What was accepted. */
export interface Told {
  readonly customers: ToldCustomer[];
  readonly assigns: ToldAssign[];
  readonly deletes: ToldDelete[];
}

/** Every violation, as sentences; none when all is well. */
export function violations(tables: TableReader, told: Told): string[] {
  return [
    ...counters(tables, CHANNEL),
    ...uploads(tables, CHANNEL),
    ...told.customers.flatMap((customer) => [...customerOf(tables, customer)]),
    ...nothingWaits(tables),
    ...told.assigns.flatMap((assign) => [...assignOf(tables, assign)]),
    ...told.deletes.flatMap((deleted) => [...deleteOf(tables, deleted)]),
    ...transactions(tables),
    ...jobs(tables),
    ...records(tables),
  ];
}

function* counters(tables: TableReader, channel: string): Generator<string> {
  const rows = tables.rows('channelstaging').filter(({ partitionKey }) => partitionKey.startsWith(`${channel}|0`));
  const seen = rows.filter(({ rowKey }) => rowKey.startsWith('r|')).map(({ rowKey }) => Number(rowKey.slice(2)));
  seen.sort((a, b) => a - b);
  const head = Math.max(1, ...rows.filter(({ rowKey }) => rowKey === 'head').map((row) => Number(row.nextCounter)));
  const expected = Array.from({ length: head - 1 }, (_, at) => at + 1);
  if (seen.join() !== expected.join()) yield `V1: counters ${seen.join()} under a head of ${head}`;
}

function* uploads(tables: TableReader, channel: string): Generator<string> {
  const uploaded = STAGING_TABLES.flatMap((table) => tables.rows(table)).map(({ rowKey }) => {
    const [sequence = '', from = '', counter = ''] = rowKey.split('|');
    return { sequence, from, counter };
  });
  if (new Set(uploaded.map(({ sequence }) => sequence)).size !== uploaded.length)
    yield 'V3: a sequence was given twice';
  const own = uploaded.filter(({ from }) => from === channel).sort((a, b) => (a.counter < b.counter ? -1 : 1));
  for (const [at, { sequence, counter }] of own.entries()) {
    const before = own[at - 1];
    if (before?.counter === counter) yield `V2: counter ${counter} was uploaded twice`;
    if (before && before.sequence >= sequence) yield `V3: counter ${counter} came before ${before.counter}`;
  }
}

function* customerOf(tables: TableReader, { customerId, operationIds }: ToldCustomer): Generator<string> {
  const operations = STAGING_TABLES.flatMap((table) => tables.rows(table)).filter(
    ({ partitionKey }) => partitionKey === customerId,
  );
  if (operations.length !== operationIds.length)
    yield `V2: customer ${customerId} has ${operations.length} operations of ${operationIds.length} accepted`;
  for (const { rowKey, status, OnlineOperationCompleted } of operations) {
    if (status !== 'Completed' || Number(OnlineOperationCompleted) !== 1)
      yield `V2: operation ${rowKey} of ${customerId} is ${String(status)}, ${String(OnlineOperationCompleted)}`;
  }
  const accounts = tables.rows('recordsaccount').filter(({ rowKey }) => rowKey === customerId);
  const account = accounts[0];
  if (accounts.length !== 1 || !account) return yield `V4: customer ${customerId} has ${accounts.length} accounts`;
  const number = String(account.c_accountNumber ?? '');
  const alias = tables.rows('aliases').filter(({ rowKey }) => rowKey === `account|${number}`);
  if (number === '' || alias.length !== 1 || alias[0]?.recordId !== customerId)
    yield `V4: number "${number}" of ${customerId} leads to ${String(alias[0]?.recordId)}`;
  const holders = tables.rows('recordsaccount').filter((row) => row.c_accountNumber === number);
  if (holders.length !== 1) yield `V4: ${holders.length} accounts have the number ${number}`;
  if (account.version !== 2 || account.c_phone !== '555')
    yield `V5: account ${customerId} has version ${String(account.version)} and phone ${String(account.c_phone)}`;
  const addresses = tables.rows('recordsaddress').filter((row) => row.l_account_addresses === customerId);
  if (addresses.length !== 1 || addresses[0]?.version !== 1)
    yield `V5: customer ${customerId} has ${addresses.length} addresses, version ${String(addresses[0]?.version)}`;
  for (const record of [account, ...addresses])
    if (!record.appliedSequence) yield `V5: record ${record.rowKey} carries no stamp`;
}

function* nothingWaits(tables: TableReader): Generator<string> {
  for (const { rowKey } of tables.rows('pendingcustomers')) yield `V6: customer ${rowKey} is still in the queue`;
  for (const { partitionKey, jobId } of tables.rows('jobroots'))
    yield `V6: record ${partitionKey} is still claimed by job ${String(jobId)}`;
}

function* jobOf(tables: TableReader, { jobId, mode }: ToldCascade, recordIds: readonly string[]): Generator<string> {
  const written = markersOf(tables, jobId).flatMap(({ ids }) => ids);
  if (new Set(written).size !== written.length) yield `V7: job ${jobId} names a record twice`;
  const expected = [...recordIds].sort();
  if (written.sort().join() !== expected.join())
    yield `V7: job ${jobId} names ${written.length} records of ${expected.length}`;
  const done = tables
    .rows('chunks')
    .filter(({ partitionKey, rowKey }) => partitionKey.startsWith(`${jobId}|`) && rowKey === 'progress')
    .flatMap((row) => Object.entries(row).filter(([name]) => name.startsWith('done_')))
    .reduce((sum, [, count]) => sum + Number(count), 0);
  if (mode === 'async' && done !== expected.length)
    yield `V7: the lanes of job ${jobId} count ${done} of ${expected.length}`;
}

function* assignOf(tables: TableReader, { recordIds, ownerId, ...job }: ToldAssign): Generator<string> {
  yield* jobOf(tables, job, recordIds);
  for (const { what, row } of cascaded(tables, recordIds)) {
    if (row.ownerId !== ownerId) yield `V8: ${what} belongs to ${String(row.ownerId)}, not to ${ownerId}`;
  }
}

function* deleteOf(tables: TableReader, { deletedIds, unlinkedIds, ...job }: ToldDelete): Generator<string> {
  const { jobId } = job;
  yield* jobOf(tables, job, [...deletedIds, ...unlinkedIds]);
  for (const { what, row } of cascaded(tables, deletedIds)) {
    if (!row.deletedOn || row.deletedByJob !== jobId)
      yield `V10: ${what} was deleted on "${String(row.deletedOn ?? '')}" by ${String(row.deletedByJob)}, not by ${jobId}`;
  }
  for (const { what, row } of cascaded(tables, unlinkedIds)) {
    if (row.deletedOn) yield `V10: ${what} was deleted by ${String(row.deletedByJob)}`;
  }
}

function* transactions(tables: TableReader): Generator<string> {
  for (const { partitionKey, rowKey, state } of tables.rows('transactions')) {
    if (partitionKey === 'open') yield `V11: transaction ${rowKey} is still open`;
    if (rowKey !== 'status') continue;
    if (state !== 'committed' && state !== 'aborted') yield `V11: transaction ${partitionKey} is ${String(state)}`;
    if (state === 'aborted' && markersOf(tables, partitionKey).length > 0)
      yield `V11: transaction ${partitionKey} was aborted, and has markers`;
  }
}

function* jobs(tables: TableReader): Generator<string> {
  for (const { partitionKey, rowKey, status } of tables.rows('jobs')) {
    if (rowKey !== 'job') continue;
    // An abandoned job is one whose request took minutes to begin: it was refused, and never made.
    const hasEnded = status === 'Failed' || status === 'abandoned';
    const isNothing = hasEnded && markersOf(tables, partitionKey).length === 0;
    if (status !== 'Completed' && !isNothing) yield `V12: job ${partitionKey} is ${String(status)}`;
  }
}

/** The rows of records that cascades change. */
function cascaded(tables: TableReader, ids: readonly string[]) {
  return ['account', 'contact', 'order'].flatMap((table) =>
    tables
      .rows(`records${table}`)
      .filter(({ rowKey }) => ids.includes(rowKey))
      .map((row) => ({ what: `${table} ${row.rowKey}`, row })),
  );
}

/** The records that every marker of a job, or of all jobs, says were changed. */
function markersOf(tables: TableReader, jobId = ''): { readonly ids: string[] }[] {
  return ['account', 'contact', 'order']
    .flatMap((table) => tables.rows(`records${table}`))
    .filter(({ rowKey }) => rowKey.startsWith(`~m|${jobId}`))
    .map((row) => ({
      ids: idsOf(String(row.ids)).filter((_, at) => String(row.outcomes)[at] === 'w'),
    }));
}

/** What all begin with, what all end with, and what is between for each: a line each. */
function idsOf(packed: string): string[] {
  const [begin, end, ...middles] = packed.split('\n');
  return middles.map((middle) => `${begin}${middle}${end}`);
}

function* records(tables: TableReader): Generator<string> {
  const changes = new Map<string, number>();
  for (const { ids } of markersOf(tables)) for (const id of ids) changes.set(id, (changes.get(id) ?? 0) + 1);
  const rows = ['account', 'contact', 'order', 'address'].flatMap((table) =>
    tables
      .rows(`records${table}`)
      .filter(({ rowKey }) => !rowKey.startsWith('~'))
      .map((row) => ({ what: `${table} ${row.rowKey}`, row })),
  );
  const living = new Set(rows.filter(({ row }) => !row.deletedOn).map(({ row }) => row.rowKey));
  for (const { what, row } of rows)
    yield* recordOf(tables, { what, row, living, changes: changes.get(row.rowKey) ?? 0 });
}

interface ReadRecord {
  readonly what: string;
  readonly row: Entity;
  /** Ids of all records that aren't deleted. */
  readonly living: ReadonlySet<string>;
  /** How often jobs have changed it. */
  readonly changes: number;
}

function* recordOf(tables: TableReader, { what, row, living, changes }: ReadRecord): Generator<string> {
  if (row.lockKind) yield `V9: ${what} has a ${String(row.lockKind)} of job ${String(row.lockJob)}`;
  // Customer operations change accounts and addresses too; V5 looks at those.
  if (!row.appliedSequence && row.version !== 1 + changes)
    yield `V8: ${what} has version ${String(row.version)} after ${changes} changes`;
  for (const [name, parentId] of Object.entries(row)) {
    if (!name.startsWith('l_') || parentId === '') continue;
    const hints = tables.rows(`hints${name.slice(2).replaceAll('_', '').toLowerCase()}`);
    const isThere = hints.some(
      ({ rowKey }) => rowKey.startsWith(`${String(parentId)}|`) && rowKey.endsWith(row.rowKey),
    );
    if (!isThere) yield `V9: nothing leads from ${String(parentId)} to ${what}`;
    if (!row.deletedOn && !living.has(String(parentId)))
      yield `V10: ${what} lives under ${String(parentId)}, which doesn't`;
  }
}
