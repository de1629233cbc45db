/**
 * Where the upload (P-0001) stands. Table `uploadstate`, PartitionKey `P-0001`: one row `state` (the sequence that comes
 * next, and the open session if there is one) and a row `cursor|<channel>` per channel (the counter up to which the
 * channel's operations are uploaded). This is a storage format (docs/adr/0002).
 *
 *  SESSION-1  At most one session is open, over all channels: opening it is one conditional write of the state row, which
 *      also takes the session's block of sequences.
 *  SESSION-2  A session says which counters of which channel it uploads, and the sequence of each is fixed by that:
 *      firstSequence + (counter − fromCounter). Whoever works on it writes the same keys.
 *  SESSION-3  A session is closed, and the channel's cursor moved behind it, by one transaction on the state row as it
 *      was read; so a cursor that was read after the state is that of the state, or the state has changed.
 */
import type { Storage } from '../../storage/storage.ts';
import type { Row, StoredRow, Table, Write } from '../../storage/table.ts';

/** A range of one channel's operations on its way to headquarters. */
export interface UploadSession {
  readonly channel: string;
  readonly fromCounter: number;
  readonly toCounter: number;
  readonly firstSequence: number;
}

/** Where the upload stands. */
export interface UploadState {
  readonly nextSequence: number;
  readonly session: UploadSession | undefined;
  /** The channel of the last session; the next one begins its search after it. */
  readonly lastChannel: string;
  /** Undefined while there is no row. */
  readonly etag: string | undefined;
}

const PARTITION = 'P-0001';

interface StateRow extends Row {
  nextSequence: number;
  lastChannel: string;
  /** Empty: no session is open, and what follows has no meaning. */
  sessionChannel: string;
  sessionFrom: number;
  sessionTo: number;
  sessionFirstSequence: number;
}

interface CursorRow extends Row {
  uploadedThrough: number;
}

/** How many operations were uploaded in all, without those of an open session. */
export function uploadedTotal({ nextSequence, session }: Pick<UploadState, 'nextSequence' | 'session'>): number {
  return (session ? session.firstSequence : nextSequence) - 1;
}

/** Where the upload stands, in storage. */
export class UploadStates {
  readonly #table: Table;

  constructor(storage: Storage) {
    this.#table = storage.table('uploadstate');
  }

  async read(): Promise<UploadState> {
    const row = await this.#table.get<StateRow>(PARTITION, 'state');
    if (!row) return { nextSequence: 1, session: undefined, lastChannel: '', etag: undefined };
    return { nextSequence: row.nextSequence, session: sessionOf(row), lastChannel: row.lastChannel, etag: row.etag };
  }

  /** The counter up to which a channel is uploaded. To be read after the state (SESSION-3). */
  async cursor(channel: string): Promise<number> {
    return (await this.#cursorRow(channel))?.uploadedThrough ?? 0;
  }

  /** Opens a session for the operations after a channel's cursor (SESSION-1). Undefined: the state has changed. */
  async open(
    state: UploadState,
    range: Pick<UploadSession, 'channel' | 'fromCounter' | 'toCounter'>,
  ): Promise<UploadState | undefined> {
    if (state.session) throw new Error(`A session of channel ${state.session.channel} is open already`);
    const session = { ...range, firstSequence: state.nextSequence };
    const nextSequence = state.nextSequence + range.toCounter - range.fromCounter + 1;
    const opened = { nextSequence, session, lastChannel: range.channel };
    const written = await this.#table.write([stateWrite(opened, state.etag)]);
    return written.ok ? { ...opened, etag: written.etags[0] ?? '' } : undefined;
  }

  /** Closes the open session (SESSION-3). False: the state has changed, so somebody else has closed it. */
  async close(state: UploadState): Promise<boolean> {
    const { session } = state;
    if (!session) throw new Error('No session is open');
    const cursor = await this.#cursorRow(session.channel);
    const row: CursorRow = { ...cursorKey(session.channel), uploadedThrough: session.toCounter };
    const written = await this.#table.write([
      stateWrite({ ...state, session: undefined }, state.etag),
      cursor ? { kind: 'replace', row, etag: cursor.etag } : { kind: 'insert', row },
    ]);
    return written.ok;
  }

  #cursorRow(channel: string): Promise<StoredRow<CursorRow> | undefined> {
    const { partitionKey, rowKey } = cursorKey(channel);
    return this.#table.get<CursorRow>(partitionKey, rowKey);
  }
}

function cursorKey(channel: string): { partitionKey: string; rowKey: string } {
  return { partitionKey: PARTITION, rowKey: `cursor|${channel}` };
}

function sessionOf(row: StateRow): UploadSession | undefined {
  if (row.sessionChannel === '') return undefined;
  return {
    channel: row.sessionChannel,
    fromCounter: row.sessionFrom,
    toCounter: row.sessionTo,
    firstSequence: row.sessionFirstSequence,
  };
}

function stateWrite(
  { nextSequence, session, lastChannel }: Omit<UploadState, 'etag'>,
  etag: string | undefined,
): Write {
  const row: StateRow = {
    partitionKey: PARTITION,
    rowKey: 'state',
    nextSequence,
    lastChannel,
    sessionChannel: session?.channel ?? '',
    sessionFrom: session?.fromCounter ?? 0,
    sessionTo: session?.toCounter ?? 0,
    sessionFirstSequence: session?.firstSequence ?? 0,
  };
  return etag === undefined ? { kind: 'insert', row } : { kind: 'replace', row, etag };
}
