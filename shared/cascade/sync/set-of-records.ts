/** The records of a plan as the rows of a transaction. */
import type { TableName } from '../../catalogue/tables.ts';
import type { Problem } from '../../problem.ts';
import { bucketOf } from '../../records/record-ids.ts';
import { type RecordRow, recordTableName } from '../../records/record-row.ts';
import type { RecordStore } from '../../records/record-store.ts';
import type { StoredRow } from '../../storage/table.ts';
import { lockOf, type Values } from '../../transactions/locked-row.ts';
import type { Participant } from '../../transactions/participants.ts';
import { isShareChange } from '../actions/write-shares.ts';
import { toCurrent } from '../apply/current-record.ts';
import { type Decided, toMarker } from '../apply/write-part.ts';
import { markerKey, toMarkerRow } from '../chunks/marker-rows.ts';
import type { CascadePlan } from '../plans.ts';
import { type DecidedChunk, decideRecord, setOf } from './decide-set.ts';
import { differed, differencesOf } from './differences.ts';

interface SetServices {
  readonly recordStore: RecordStore;
}

/** The records of a set as a transaction takes them, and what is decided on one that has changed since. */
export class SetOfRecords {
  readonly #services: SetServices;
  readonly #plan: CascadePlan;
  readonly #set: readonly DecidedChunk[];
  readonly #on: string;
  /** What plug-ins write, by its place. */
  readonly #written: ReadonlyMap<string, Participant>;
  readonly #places = new Map<string, { readonly of: DecidedChunk; readonly at: number }>();

  constructor(
    services: SetServices,
    plan: CascadePlan,
    set: readonly DecidedChunk[],
    on: string,
    written: readonly Participant[],
  ) {
    this.#written = new Map(written.map((participant) => [placeOf(participant), participant]));
    this.#services = services;
    this.#plan = plan;
    this.#set = set;
    this.#on = on;
    for (const of of set) {
      for (const [at, { id }] of of.decided.entries()) this.#places.set(placeOf(keyOf(of.chunk.table, id)), { of, at });
    }
  }

  has(participant: Participant): boolean {
    return this.#places.has(placeOf(participant)) || this.#written.has(placeOf(participant));
  }

  participants(): Participant[] {
    const records = this.#set.flatMap(({ chunk, decided }) => {
      const { table, bucket, key } = chunk;
      const on = this.#on;
      const { jobId } = this.#plan;
      const marker = {
        table: recordTableName(table),
        partitionKey: bucket,
        rowKey: markerKey(jobId, key),
        kind: 'insert',
        // Keys of markers come after those of records, so what the marker says is known when its turn comes.
        get values() {
          return toMarkerRow(bucket, markerKey(jobId, key), toMarker(decided, on)) as Values;
        },
      } as const;
      return [marker, ...decided.flatMap((record) => this.#participantsOf(table, record))];
    });
    return [...records, ...this.#written.values()];
  }

  async decideAgain(participant: Participant, row: StoredRow | undefined): Promise<Values> {
    if (this.#written.has(placeOf(participant))) throw overtaken(this.#plan, participant, row);
    const place = this.#places.get(placeOf(participant));
    if (!place) return this.#other(participant, row);
    const { chunk, decided } = place.of;
    const [found, before] = [chunk.records[place.at], decided[place.at]];
    if (!found || !before)
      throw new Error(`Record ${participant.rowKey} has lost its place in job ${this.#plan.jobId}`);
    const at = { table: chunk.table, recordId: found.id };
    const differences = differencesOf(at, before.current?.cells ?? {}, row);
    // What others of the set take from it was read before.
    if (row && this.#isBeside(found.id) && row.version !== before.current?.version) {
      differences.push({ ...at, name: 'version', was: before.current?.version ?? null, is: row.version as number });
    }
    if (!row || differences.length > 0) throw differed(this.#plan.jobId, differences);
    const current = toCurrent(row as StoredRow<RecordRow>, before.current?.shares);
    const { recordStore } = this.#services;
    const { context } = place.of;
    const decision = await decideRecord(recordStore, this.#plan, found, current, {
      table: chunk.table,
      on: this.#on,
      context,
    });
    const again = withSharesOf(before, { id: found.id, current, decision });
    decided[place.at] = again;
    return setOf(this.#plan, again, this.#on);
  }

  #isBeside(id: string): boolean {
    return this.#set.some(({ context }) => context?.records.has(id));
  }

  #participantsOf(table: TableName, record: DecidedChunk['decided'][number]): Participant[] {
    const { id, current, decision } = record;
    if (!current) return [];
    const change = {
      ...keyOf(table, id),
      kind: 'change',
      etag: current.etag,
      set: setOf(this.#plan, record, this.#on),
    } as const;
    const shareWrites = decision.kind === 'write' ? (decision.shareWrites ?? []) : [];
    return [
      ...(this.#written.has(placeOf(change)) ? [] : [change]),
      ...shareWrites.map((write): Participant => {
        const { partitionKey, rowKey, ...values } = write.row;
        const key = { table: recordTableName(table), partitionKey, rowKey };
        if (write.kind === 'merge') return { ...key, kind: 'change', etag: write.etag, set: values as Values };
        return { ...key, kind: 'insert', values: values as Values };
      }),
    ];
  }

  /** A parent that a record moves to may change as it likes, as long as it lives; shares and markers may not. */
  async #other({ table, rowKey }: Participant, row: StoredRow | undefined): Promise<Values> {
    const { jobId } = this.#plan;
    const name = table.replace('records', '') as TableName;
    if (rowKey.startsWith('~')) {
      const recordId = rowKey.slice(rowKey.lastIndexOf('|') + 1);
      throw differed(jobId, [{ table: name, recordId, name: 'shares', was: null, is: null }]);
    }
    const { tables } = this.#services.recordStore;
    const isFenced = row?.lockKind === 'fence' && (await tables.fenceHolds(String(row.lockJob)));
    if (row && !row.deletedOn && !isFenced && !lockOf(row)) return {};
    throw differed(jobId, [{ table: name, recordId: rowKey, name: 'deletedOn', was: null, is: 'gone' }]);
  }
}

/** Plug-ins saw a row as it isn't any more. */
function overtaken({ jobId }: CascadePlan, { table, rowKey }: Participant, row: StoredRow | undefined): Problem {
  const name = table.replace('records', '') as TableName;
  const is = typeof row?.version === 'number' ? row.version : null;
  return differed(jobId, [{ table: name, recordId: rowKey, name: 'version', was: null, is }]);
}

/** A record that was decided on again, with the shares that it was given before: what they follow from is the same. */
function withSharesOf(before: Decided, again: Decided): Decided {
  if (before.decision.kind !== 'write' || !before.decision.shareWrites) return again;
  if (again.decision.kind !== 'write' && again.decision.kind !== 'keep') return again;
  const own = before.decision.changes.filter(({ name }) => isShareChange(name));
  const write = again.decision.kind === 'write' ? again.decision : { set: {}, bumpsVersion: false, changes: [] };
  return { ...again, decision: { ...before.decision, ...write, changes: [...write.changes, ...own] } };
}

/** Where a record lies. */
export function keyOf(table: TableName, id: string) {
  return { table: recordTableName(table), partitionKey: bucketOf(id), rowKey: id };
}

function placeOf({ table, rowKey }: { readonly table: string; readonly rowKey: string }): string {
  return `${table}|${rowKey}`;
}
