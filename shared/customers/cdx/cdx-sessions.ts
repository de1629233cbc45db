/**
 * The sessions of CDX jobs. Table `cdxsessions`, PartitionKey = job | channel: a row per session (RowKey = its id), and
 * the row `current` that names the one that isn't over. Table `listcdxsessions`: newest first. These are storage formats
 * (docs/adr/0002).
 *
 *  CDX-1  A session and the row `current` are written by one transaction, so at most one session of a job and channel
 *      isn't over, and a new one begins only after it.
 *  CDX-2  What a session stands for is kept elsewhere (the upload's cursor, the download's mark) and moves only when it
 *      is done: a session that was given up loses nothing, the next one covers the same.
 */
import { randomUUID } from 'node:crypto';
import { Problem } from '../../problem.ts';
import type { CdxJobName } from '../../runs/run.ts';
import { fillPage, indexWrite, newestFirst, type Place } from '../../storage/newest-first.ts';
import type { Storage } from '../../storage/storage.ts';
import { StorageUnavailable } from '../../storage/storage-errors.ts';
import type { Row, StoredRow, Table, Write } from '../../storage/table.ts';
import { afterEvent, type CdxSession, isOver, parseSessionId, type SessionEvent, sessionId } from './session.ts';

interface SessionRow extends Row {
  status: string;
  tries: number;
  rows: number;
  error: string;
  createdOn: string;
  modifiedOn: string;
  modifiedBy: string;
}

interface CurrentRow extends Row {
  /** Empty: none. */
  sessionId: string;
}

const CURRENT = 'current';
const MAX_ROUNDS = 20;

/** The list of sessions: its table, and the scope that all of them have in it. */
export const SESSION_LIST = { table: 'listcdxsessions', scope: 'all' } as const;

/** The stored sessions. */
export class CdxSessions {
  readonly #sessions: Table;
  readonly #list: Table;
  readonly #now: () => number;

  constructor(storage: Storage, now: () => number = Date.now) {
    this.#sessions = storage.table('cdxsessions');
    this.#list = storage.table(SESSION_LIST.table);
    this.#now = now;
  }

  /** The session of a job and channel that isn't over, or a new one. A Suspended one is not to be worked on. */
  async begin(job: CdxJobName, channel: string): Promise<CdxSession> {
    const partitionKey = partitionOf({ job, channel });
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const current = await this.#sessions.get<CurrentRow>(partitionKey, CURRENT);
      const open = current?.sessionId ? await this.find(current.sessionId) : undefined;
      if (open && !isOver(open)) return open;
      const on = this.#on();
      const common = { status: 'Available', tries: 0, rows: 0, error: '', createdOn: on, modifiedOn: on } as const;
      const session = { ...common, id: sessionId(job, channel, randomUUID()), job, channel, modifiedBy: 'job' };
      await this.#list.write([indexWrite(SESSION_LIST.scope, on, session.id, { status: 'Available' })]);
      const named: CurrentRow = { partitionKey, rowKey: CURRENT, sessionId: session.id };
      const written = await this.#sessions.write([
        { kind: 'insert', row: toRow(session) },
        current ? { kind: 'replace', row: named, etag: current.etag } : { kind: 'insert', row: named },
      ]);
      if (written.ok) return session;
    }
    throw new StorageUnavailable(`begin a session of ${job}`, new Error(`overtaken ${MAX_ROUNDS} times`));
  }

  /** Notes what has happened to a session, and gives it as it stands then. Throws Problem not-found, conflict. */
  async note(id: string, event: SessionEvent): Promise<CdxSession> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const row = await this.#row(id);
      if (!row) throw new Problem('not-found', `There is no session ${id}. GET /api/cdx-jobs/sessions lists them.`);
      const session = toSession(row);
      const after = afterEvent(session, event, this.#on());
      if (after === session) return session;
      const write: Write = { kind: 'replace', row: toRow(after), etag: row.etag };
      if ((await this.#sessions.write([write])).ok) return after;
    }
    throw new StorageUnavailable(`change session ${id}`, new Error(`overtaken ${MAX_ROUNDS} times`));
  }

  async find(id: string): Promise<CdxSession | undefined> {
    const row = await this.#row(id);
    return row && toSession(row);
  }

  /** The session of a job and channel that stops it until an administrator retries or cancels it. */
  async suspended(job: CdxJobName, channel: string): Promise<CdxSession | undefined> {
    const current = await this.#sessions.get<CurrentRow>(partitionOf({ job, channel }), CURRENT);
    const open = current?.sessionId ? await this.find(current.sessionId) : undefined;
    return open?.status === 'Suspended' ? open : undefined;
  }

  /** A page of the sessions with this status (undefined: all), newest first. */
  list(
    status: string | undefined,
    pageSize: number,
    after: Place | undefined,
  ): Promise<{ items: CdxSession[]; after: Place | undefined }> {
    return fillPage(
      newestFirst<object>(this.#list, SESSION_LIST.scope, after),
      pageSize,
      () => true,
      async (entries) => {
        const found = await Promise.all(entries.map(({ id }) => this.find(id)));
        return found.map((session) => (status === undefined || session?.status === status ? session : undefined));
      },
    );
  }

  /** Removes a session that is over: nothing changes one any more. */
  async remove(id: string): Promise<void> {
    const row = await this.#row(id);
    if (row && isOver(toSession(row))) await this.#sessions.delete(row.partitionKey, row.rowKey, row.etag);
  }

  async #row(id: string): Promise<StoredRow<SessionRow> | undefined> {
    const place = parseSessionId(id);
    return place && this.#sessions.get<SessionRow>(partitionOf(place), id);
  }

  #on(): string {
    return new Date(this.#now()).toISOString();
  }
}

function partitionOf({ job, channel }: Pick<CdxSession, 'job' | 'channel'>): string {
  return `${job}|${channel}`;
}

function toRow({ id, job, channel, status, tries, rows, error, ...who }: CdxSession): SessionRow {
  const { createdOn, modifiedOn, modifiedBy } = who;
  const partitionKey = partitionOf({ job, channel });
  return { partitionKey, rowKey: id, status, tries, rows, error, createdOn, modifiedOn, modifiedBy };
}

function toSession(row: StoredRow<SessionRow>): CdxSession {
  const { rowKey: id, tries, rows, error, createdOn, modifiedOn, modifiedBy } = row;
  const place = parseSessionId(id);
  if (!place) throw new Error(`A row of sessions has the key ${id}`);
  const status = row.status as CdxSession['status'];
  return { id, ...place, status, tries, rows, error, createdOn, modifiedOn, modifiedBy };
}
