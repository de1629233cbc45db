/**
 * P-0001: brings the channels' staged operations to headquarters' five tables. Nothing is lost, repeated or reordered,
 * whoever else uploads at the same time and whatever write is the last one before a crash:
 *
 *  P1  One session at a time (S1), worked on before anything else; so when a session is open, all earlier sessions are
 *      complete, and sequences rise in the order in which sessions were opened.
 *  P2  Within a session an operation's key is fixed (S2). Rows are inserted and never overwritten, so a second worker, or
 *      the same one after a crash, adds what is missing and leaves alone what the sync job has changed meanwhile.
 *  P3  A session begins behind the channel's cursor and covers counters without a gap; the cursor moves behind it only
 *      together with its closing (S3). So each counter is in exactly one session.
 *  P4  For each customer: rows, then list, then queue (Q1), then the head's mark (C1). By P1 a mark at s means that every
 *      operation of the customer up to s is there.
 */
import { groupBy, mapParallel } from '../../parallel.ts';
import type { StagedOperation } from '../customer-operation.ts';
import type { CustomerHeads } from '../headquarters/customer-head.ts';
import type { OperationIndex } from '../headquarters/operation-index.ts';
import type { PendingCustomers } from '../headquarters/pending-customers.ts';
import { type StoredOperation, sequenceKey, uploadedOperation } from '../headquarters/staging-row.ts';
import type { StagingTables } from '../headquarters/staging-tables.ts';
import type { Channels, StagedOperations } from '../ports.ts';
import { type UploadSession, type UploadState, type UploadStates, uploadedTotal } from './upload-state.ts';

/** Operations of one session, and of one activity. */
const MAX_SESSION_LENGTH = 200;
const MAX_PARALLEL = 16;
/** Rounds that other uploaders may win before we give up for now. */
const MAX_ROUNDS = 20;

export interface UploadPorts {
  readonly staged: StagedOperations;
  readonly channels: Pick<Channels, 'list'>;
  readonly states: UploadStates;
  readonly staging: StagingTables;
  readonly index: OperationIndex;
  readonly pending: PendingCustomers;
  readonly heads: CustomerHeads;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}

export interface UploadedPage {
  /** The channel that was uploaded from; null: no channel had anything. */
  readonly channel: string | null;
  /** Whether the channel may have more. */
  readonly full: boolean;
  /** Operations uploaded since there was an upload, by anybody. */
  readonly total: number;
}

export class UploadJob {
  readonly #ports: UploadPorts;
  #prepared: Promise<void> | undefined;

  constructor(ports: UploadPorts) {
    this.#ports = ports;
  }

  /** Operations uploaded since there was an upload. */
  async total(): Promise<number> {
    return uploadedTotal(await this.#ports.states.read());
  }

  /**
   * Uploads one page: the open session if there is one, whoever opened it, else the next page of a channel that has
   * something. `channels`: only these; `skip`: not these.
   */
  async uploadPage(
    options: { channels?: readonly string[] | undefined; skip?: readonly string[] } = {},
  ): Promise<UploadedPage> {
    const { states, staging } = this.#ports;
    this.#prepared ??= staging.prepare();
    await this.#prepared.catch((error: unknown) => {
      this.#prepared = undefined;
      throw error;
    });
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const found = await states.read();
      const state = found.session ? found : await this.#open(found, options);
      if (state === 'changed') continue;
      if (state === 'nothing') return { channel: null, full: false, total: uploadedTotal(found) };
      if (!state.session) throw new Error('A session was opened, none is there');
      await this.#stage(state.session);
      const { channel, fromCounter, toCounter } = state.session;
      if (!(await states.close(state))) continue;
      const full = toCounter - fromCounter + 1 >= MAX_SESSION_LENGTH;
      return { channel, full, total: uploadedTotal({ ...state, session: undefined }) };
    }
    throw new Error(`P-0001 was overtaken ${MAX_ROUNDS} times by other uploaders. It goes on at its next run.`);
  }

  async #open(
    state: UploadState,
    { channels, skip = [] }: { channels?: readonly string[] | undefined; skip?: readonly string[] },
  ): Promise<UploadState | 'changed' | 'nothing'> {
    const known = (await this.#ports.channels.list()).map(({ id }) => id);
    const wanted = known.filter((id) => !skip.includes(id) && (channels?.includes(id) ?? true));
    for (const channel of inTurn(wanted, state.lastChannel)) {
      const cursor = await this.#ports.states.cursor(channel);
      const operations = await this.#ports.staged.readAfter(channel, cursor, MAX_SESSION_LENGTH);
      if (operations.length === 0) continue;
      checkNoGap(channel, operations, cursor + 1);
      const stretch = { channel, fromCounter: cursor + 1, toCounter: cursor + operations.length };
      return (await this.#ports.states.open(state, stretch)) ?? 'changed';
    }
    return 'nothing';
  }

  async #stage(session: UploadSession): Promise<void> {
    const { staged, staging, index, pending, heads, now } = this.#ports;
    const { channel, fromCounter, toCounter, firstSequence } = session;
    const length = toCounter - fromCounter + 1;
    const found = await staged.readAfter(channel, fromCounter - 1, length);
    checkNoGap(channel, found, fromCounter, length);
    const uploadedOn = new Date(now()).toISOString();
    const operations = found.map((operation) =>
      uploadedOperation(operation, sequenceKey(firstSequence + operation.replicationCounter - fromCounter), uploadedOn),
    );
    const customers = groupBy(operations, ({ customerAsyncId }) => customerAsyncId);
    await mapParallel(customers, MAX_PARALLEL, (group) => staging.insertAll(group));
    await index.insertAll(operations);
    await mapParallel(customers, MAX_PARALLEL, async (group) => {
      const last = group.at(-1) as StoredOperation;
      await pending.put(last.customerAsyncId);
      await heads.raiseUploaded(last.customerAsyncId, last.sequence);
    });
  }
}

/** Channels in the order of their ids, beginning after the one that had its turn last. */
export function inTurn(channels: readonly string[], lastChannel: string): string[] {
  const sorted = [...channels].sort();
  const first = sorted.findIndex((channel) => channel > lastChannel);
  return first <= 0 ? sorted : [...sorted.slice(first), ...sorted.slice(0, first)];
}

function checkNoGap(channel: string, operations: readonly StagedOperation[], from: number, length?: number): void {
  const wrong = operations.findIndex(({ replicationCounter }, at) => replicationCounter !== from + at);
  if (wrong < 0 && (length === undefined || operations.length === length)) return;
  const missing = from + (wrong < 0 ? operations.length : wrong);
  throw new Error(
    `Channel ${channel} gives no operation with the replication counter ${missing}, though it gave later ones. ` +
      'Nothing was uploaded beyond it; look at the channel database.',
  );
}
