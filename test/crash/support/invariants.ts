/**
 * Says which invariant doesn't hold of tables that were read past the app. What it knows of the formats it knows from
 * docs/adr/0002, not from the code.
 *
 *  CRASH-1  A channel's replication counters go from 1 up to its head, without gaps or doubles.
 *  CRASH-2  Each accepted operation lies in exactly one of the five tables, once, under its channel and counter, and says
 *           Completed with OnlineOperationCompleted = 1.
 *  CRASH-3  Upload sequences are unique over all five tables, and rise with a channel's counters.
 *  CRASH-4  An accepted customer has one account, with a number that its alias gives back to it and to no other.
 *  CRASH-5  A customer's records carry the value, the version and the stamp of the operations applied to them, each once.
 *  CRASH-6  Nothing waits: no customer in the queue, no session open, no claim on a root.
 *  CRASH-7  A completed job's markers name each of its records once; one in batches has counted them in its lanes.
 *  CRASH-8  A record's version is 1 and one more for each marker that says it was written, or for being taken along by a
 *           merge that it came too late for; its owner is the last one written.
 *  CRASH-9  No record is locked or fenced. Each hint that a record's lookup asks for is there, at any moment at which a
 *           host dies.
 *  CRASH-10  A deleted record is a tombstone of its job; one that was unlinked lives, and no living record has a parent
 *            that doesn't.
 *  CRASH-11  Every transaction has ended, none is noted as open, and of an aborted one there is no marker.
 *  CRASH-12  Every job has ended, either Completed or without having changed anything.
 *  CRASH-13  Records that only transactions change, all at once, have one version among them at any moment at which a
 *            host dies.
 *  CRASH-14  A merged account is inactive and names its target; what it had lives under that and nothing under itself, as
 *            the change log says, except what came when the merge was over. The target has what it lacked.
 */
import { mergeOf, takenAlong, writtenBy } from './merge-invariants.ts';
import { CHANNEL } from './small-stories.ts';
import { lookupsOf, markersOf, type ReadRecord, TableReader } from './table-reader.ts';
import type { Told, ToldAssign, ToldCascade, ToldCustomer, ToldDelete } from './told.ts';

const STAGING_TABLES = [
  'RETAILASYNCCUSTOMERV2',
  'RETAILASYNCADDRESSV2',
  'RETAILASYNCCUSTOMERCONTACT',
  'RETAILASYNCCUSTOMERAFFILIATION',
  'RETAILASYNCCUSTOMERATTRIBUTEV2',
];

/** Every violation, as sentences; none when all is well. */
export function violations(tables: TableReader, told: Told): string[] {
  return [
    ...counters(tables, CHANNEL),
    ...uploads(tables, CHANNEL),
    ...told.customers.flatMap((customer) => [...customerOf(tables, customer)]),
    ...nothingWaits(tables),
    ...told.assigns.flatMap((assign) => [...assignOf(tables, assign)]),
    ...told.deletes.flatMap((deleted) => [...deleteOf(tables, deleted)]),
    ...told.merges.flatMap((merge) => [...jobOf(tables, merge, writtenBy(tables, merge)), ...mergeOf(tables, merge)]),
    ...transactions(tables),
    ...jobs(tables),
    ...locks(tables),
    ...records(tables, told),
    ...parents(tables),
    ...violationsAtDeath(tables, told),
  ];
}

/** Rejects unless all is well that must be when a host has just died. */
export async function checkAtDeath(connectionString: string, told: Told): Promise<void> {
  const violated = violationsAtDeath(await TableReader.readRecords(connectionString), told);
  if (violated.length > 0) throw new Error(violated.join('\n'));
}

function violationsAtDeath(tables: TableReader, { together }: Pick<Told, 'together'>): string[] {
  const all = tables.records();
  const versions = new Map(all.map(({ row }) => [row.rowKey, row.version]));
  return [
    ...all.flatMap((record) => [...hintsOf(tables, record)]),
    ...together.flatMap((ids) => {
      const seen = ids.map((id) => versions.get(id));
      return new Set(seen).size > 1 ? [`CRASH-13: ${ids.join()} have versions ${seen.join()}`] : [];
    }),
  ];
}

function* hintsOf(tables: TableReader, { what, row }: ReadRecord): Generator<string> {
  for (const [name, parentId] of lookupsOf(row)) {
    const hints = `hints${name.replaceAll('_', '').toLowerCase()}`;
    if (!tables.has(hints, `${parentId}|${row.partitionKey}|${row.rowKey}`))
      yield `CRASH-9: nothing leads from ${parentId} to ${what}`;
  }
}

function* counters(tables: TableReader, channel: string): Generator<string> {
  const rows = tables.rows('channelstaging').filter(({ partitionKey }) => partitionKey.startsWith(`${channel}|0`));
  const seen = rows.filter(({ rowKey }) => rowKey.startsWith('r|')).map(({ rowKey }) => Number(rowKey.slice(2)));
  seen.sort((a, b) => a - b);
  const head = Math.max(1, ...rows.filter(({ rowKey }) => rowKey === 'head').map((row) => Number(row.nextCounter)));
  const expected = Array.from({ length: head - 1 }, (_, at) => at + 1);
  if (seen.join() !== expected.join()) yield `CRASH-1: counters ${seen.join()} under a head of ${head}`;
}

function* uploads(tables: TableReader, channel: string): Generator<string> {
  const uploaded = STAGING_TABLES.flatMap((table) => tables.rows(table)).map(({ rowKey }) => {
    const [sequence = '', from = '', counter = ''] = rowKey.split('|');
    return { sequence, from, counter };
  });
  if (new Set(uploaded.map(({ sequence }) => sequence)).size !== uploaded.length)
    yield 'CRASH-3: a sequence was given twice';
  const own = uploaded.filter(({ from }) => from === channel).sort((a, b) => (a.counter < b.counter ? -1 : 1));
  for (const [at, { sequence, counter }] of own.entries()) {
    const before = own[at - 1];
    if (before?.counter === counter) yield `CRASH-2: counter ${counter} was uploaded twice`;
    if (before && before.sequence >= sequence) yield `CRASH-3: counter ${counter} came before ${before.counter}`;
  }
}

function* customerOf(tables: TableReader, { customerId, operationIds }: ToldCustomer): Generator<string> {
  const operations = STAGING_TABLES.flatMap((table) => tables.rows(table)).filter(
    ({ partitionKey }) => partitionKey === customerId,
  );
  if (operations.length !== operationIds.length)
    yield `CRASH-2: customer ${customerId} has ${operations.length} operations of ${operationIds.length} accepted`;
  for (const { rowKey, status, OnlineOperationCompleted } of operations) {
    if (status !== 'Completed' || Number(OnlineOperationCompleted) !== 1)
      yield `CRASH-2: operation ${rowKey} of ${customerId} is ${String(status)}, ${String(OnlineOperationCompleted)}`;
  }
  const accounts = tables.rows('recordsaccount').filter(({ rowKey }) => rowKey === customerId);
  const account = accounts[0];
  if (accounts.length !== 1 || !account) return yield `CRASH-4: customer ${customerId} has ${accounts.length} accounts`;
  const number = String(account.c_accountNumber ?? '');
  const alias = tables.rows('aliases').filter(({ rowKey }) => rowKey === `account|${number}`);
  if (number === '' || alias.length !== 1 || alias[0]?.recordId !== customerId)
    yield `CRASH-4: number "${number}" of ${customerId} leads to ${String(alias[0]?.recordId)}`;
  const holders = tables.rows('recordsaccount').filter((row) => row.c_accountNumber === number);
  if (holders.length !== 1) yield `CRASH-4: ${holders.length} accounts have the number ${number}`;
  if (account.version !== 2 || account.c_phone !== '555')
    yield `CRASH-5: account ${customerId} has version ${String(account.version)} and phone ${String(account.c_phone)}`;
  const addresses = tables.rows('recordsaddress').filter((row) => row.l_account_addresses === customerId);
  if (addresses.length !== 1 || addresses[0]?.version !== 1)
    yield `CRASH-5: customer ${customerId} has ${addresses.length} addresses, version ${String(addresses[0]?.version)}`;
  for (const record of [account, ...addresses])
    if (!record.appliedSequence) yield `CRASH-5: record ${record.rowKey} carries no stamp`;
}

function* nothingWaits(tables: TableReader): Generator<string> {
  for (const { rowKey } of tables.rows('pendingcustomers')) yield `CRASH-6: customer ${rowKey} is still in the queue`;
  for (const { partitionKey, jobId } of tables.rows('jobroots'))
    yield `CRASH-6: record ${partitionKey} is still claimed by job ${String(jobId)}`;
}

function* jobOf(tables: TableReader, { jobId, mode }: ToldCascade, recordIds: readonly string[]): Generator<string> {
  const written = markersOf(tables, jobId).flatMap(({ ids }) => ids);
  if (new Set(written).size !== written.length) yield `CRASH-7: job ${jobId} names a record twice`;
  const expected = [...recordIds].sort();
  if (written.sort().join() !== expected.join())
    yield `CRASH-7: job ${jobId} names ${written.length} records of ${expected.length}`;
  const done = tables
    .rows('chunks')
    .filter(({ partitionKey, rowKey }) => partitionKey.startsWith(`${jobId}|`) && rowKey === 'progress')
    .flatMap((row) => Object.entries(row).filter(([name]) => name.startsWith('done_')))
    .reduce((sum, [, count]) => sum + Number(count), 0);
  if (mode === 'async' && done !== expected.length)
    yield `CRASH-7: the lanes of job ${jobId} count ${done} of ${expected.length}`;
}

function* assignOf(tables: TableReader, { recordIds, ownerId, ...job }: ToldAssign): Generator<string> {
  yield* jobOf(tables, job, recordIds);
  for (const { what, row } of cascaded(tables, recordIds)) {
    if (row.ownerId !== ownerId) yield `CRASH-8: ${what} belongs to ${String(row.ownerId)}, not to ${ownerId}`;
  }
}

function* deleteOf(tables: TableReader, { deletedIds, unlinkedIds, ...job }: ToldDelete): Generator<string> {
  const { jobId } = job;
  yield* jobOf(tables, job, [...deletedIds, ...unlinkedIds]);
  for (const { what, row } of cascaded(tables, deletedIds)) {
    if (!row.deletedOn || row.deletedByJob !== jobId)
      yield `CRASH-10: ${what} was deleted on "${String(row.deletedOn ?? '')}" by ${String(row.deletedByJob)}, not by ${jobId}`;
  }
  for (const { what, row } of cascaded(tables, unlinkedIds)) {
    if (row.deletedOn) yield `CRASH-10: ${what} was deleted by ${String(row.deletedByJob)}`;
  }
}

function* transactions(tables: TableReader): Generator<string> {
  for (const { partitionKey, rowKey, state } of tables.rows('transactions')) {
    if (partitionKey === 'open') yield `CRASH-11: transaction ${rowKey} is still open`;
    if (rowKey !== 'status') continue;
    if (state !== 'committed' && state !== 'aborted') yield `CRASH-11: transaction ${partitionKey} is ${String(state)}`;
    if (state === 'aborted' && markersOf(tables, partitionKey).length > 0)
      yield `CRASH-11: transaction ${partitionKey} was aborted, and has markers`;
  }
}

function* jobs(tables: TableReader): Generator<string> {
  for (const { partitionKey, rowKey, status } of tables.rows('jobs')) {
    if (rowKey !== 'job') continue;
    // An abandoned job is one whose request took minutes to begin: it was refused, and never made.
    const hasEnded = status === 'Failed' || status === 'abandoned';
    const isNothing = hasEnded && markersOf(tables, partitionKey).length === 0;
    if (status !== 'Completed' && !isNothing) yield `CRASH-12: job ${partitionKey} is ${String(status)}`;
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

function* records(tables: TableReader, { merges }: Told): Generator<string> {
  const changes = new Map<string, number>();
  for (const { ids } of markersOf(tables)) for (const id of ids) changes.set(id, (changes.get(id) ?? 0) + 1);
  for (const merge of merges) for (const id of takenAlong(tables, merge)) changes.set(id, 1);
  for (const { what, row } of tables.records()) {
    // Customer operations change accounts and addresses too; CRASH-5 looks at those.
    const expected = 1 + (changes.get(row.rowKey) ?? 0);
    if (!row.appliedSequence && row.version !== expected)
      yield `CRASH-8: ${what} has version ${String(row.version)} instead of ${expected}`;
  }
}

function* parents(tables: TableReader): Generator<string> {
  const living = tables.records().filter(({ row }) => !row.deletedOn);
  const ids = new Set(living.map(({ row }) => row.rowKey));
  for (const { what, row } of living) {
    for (const [, parentId] of lookupsOf(row))
      if (!ids.has(parentId)) yield `CRASH-10: ${what} lives under ${parentId}, which doesn't`;
  }
}

function* locks(tables: TableReader): Generator<string> {
  for (const { what, row } of tables.recordRows())
    if (row.lockKind) yield `CRASH-9: ${what} has a ${String(row.lockKind)} of job ${String(row.lockJob)}`;
}
