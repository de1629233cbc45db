/**
 * P-0001: uploads the channels' staged operations to headquarters' five tables. Nothing is lost, repeated or reordered,
 * whoever else uploads at the same time and whatever write is the last one before a crash:
 *
 *  UPLOAD-1  One session at a time (SESSION-1), worked on before anything else; so when a session is open, all earlier
 *      sessions are complete, and sequences rise in the order in which sessions were opened.
 *  UPLOAD-2  Within a session an operation's key is fixed (SESSION-2). Rows are inserted and never overwritten, so a
 *      second worker, or the same one after a crash, adds what is missing and leaves alone what the sync job has changed
 *      meanwhile.
 *  UPLOAD-3  A session begins behind the channel's cursor and covers counters without a gap; the cursor moves behind it
 *      only together with its closing (SESSION-3). So each counter is in exactly one session. A page that can't be
 *      uploaded fails a CDX session (cdx/session.ts), and the channel waits once that is Suspended. When the trouble came
 *      after the page was opened here, all channels wait, as the order of sequences is one.
 *  UPLOAD-4  For each customer: rows, then list, then queue (QUEUE-1), then the head's mark (HEAD-1). By UPLOAD-1 a mark
 *      at s means that every operation of the customer up to s is there.
 */

import { groupBy, MANY_PARALLEL, mapParallel } from '../../storage/parallel.ts';
import type { CdxSessions } from '../cdx/cdx-sessions.ts';
import type { CdxSession } from '../cdx/session.ts';
import type { StagedOperation } from '../customer-operation.ts';
import type { CustomerHeads } from '../headquarters/customer-head.ts';
import type { OperationIndex } from '../headquarters/operation-index.ts';
import type { PendingCustomers } from '../headquarters/pending-customers.ts';
import { tablesOf } from '../headquarters/staging-places.ts';
import type { StagingTables } from '../headquarters/staging-tables.ts';
import { type StoredOperation, sequenceKey, uploadedOperation } from '../headquarters/stored-operation.ts';
import type { Channels, StagedOperations } from '../ports.ts';
import { type UploadSession, type UploadState, type UploadStates, uploadedTotal } from './upload-state.ts';

/** Operations of one session, and of one activity. */
const MAX_SESSION_LENGTH = 1_000;
/** Rounds that other uploaders may win before we give up for now. */
const MAX_ROUNDS = 20;

/** What the upload works with. */
export interface UploadPorts {
  readonly staged: StagedOperations;
  readonly channels: Pick<Channels, 'list'>;
  readonly states: UploadStates;
  readonly staging: StagingTables;
  readonly index: OperationIndex;
  readonly pending: PendingCustomers;
  readonly heads: CustomerHeads;
  readonly sessions: CdxSessions;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}

/** What a step has uploaded. */
export interface UploadedPage {
  /** The channel that was uploaded from; null: no channel had anything. */
  readonly channel: string | null;
  /** Whether the channel may have more. */
  readonly full: boolean;
  /** Operations uploaded since there was an upload, by anybody. */
  readonly total: number;
  /** The channel's page could not be uploaded. `again`: to be tried again; `suspended`: given up for now. */
  readonly failed?: 'again' | 'suspended';
  /** Why nothing at all can be uploaded now. */
  readonly blocked?: string;
}

/** A channel whose next page could not be read. */
interface BadChannel {
  readonly channel: string;
  readonly failed: 'again' | 'suspended';
}

/** The steps of P-0001. */
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
      const total = uploadedTotal(found);
      const state = found.session ? found : await this.#open(found, options);
      if (state === 'changed') continue;
      if (state === 'nothing') return { channel: null, full: false, total };
      if ('failed' in state) return { ...state, full: false, total };
      if (!state.session) throw new Error('A session was opened, none is there');
      const { channel, fromCounter, toCounter } = state.session;
      const session = await this.#ports.sessions.begin('P-0001', channel);
      if (session.status === 'Suspended') return { channel: null, full: false, total, blocked: blockedBy(session) };
      try {
        await this.#stage(state.session);
        if (!(await states.close(state))) continue;
      } catch (error) {
        const { failed } = await this.#fail(channel, session, error);
        const blocked = failed === 'suspended' && { blocked: blockedBy({ ...session, error: String(error) }) };
        return { channel, full: false, total, failed, ...blocked };
      }
      const rows = toCounter - fromCounter + 1;
      await this.#ports.sessions.note(session.id, { kind: 'applied', rows });
      const full = mayHaveMore(found, rows);
      return { channel, full, total: uploadedTotal({ ...state, session: undefined }) };
    }
    throw new Error(`P-0001 was overtaken ${MAX_ROUNDS} times by other uploaders. It goes on at its next run.`);
  }

  async #open(
    state: UploadState,
    { channels, skip = [] }: { channels?: readonly string[] | undefined; skip?: readonly string[] },
  ): Promise<UploadState | BadChannel | 'changed' | 'nothing'> {
    const known = (await this.#ports.channels.list()).map(({ id }) => id);
    const wanted = known.filter((id) => !skip.includes(id) && (channels?.includes(id) ?? true));
    for (const channel of inTurn(wanted, state.lastChannel)) {
      const page = await this.#nextPage(channel);
      if (page === 'nothing') continue;
      if ('failed' in page) return page;
      return (await this.#ports.states.open(state, { channel, ...page })) ?? 'changed';
    }
    return 'nothing';
  }

  /** The counters of a channel's next page. A channel behind a suspended session has nothing. */
  async #nextPage(channel: string): Promise<{ fromCounter: number; toCounter: number } | BadChannel | 'nothing'> {
    const { states, staged, sessions } = this.#ports;
    try {
      const cursor = await states.cursor(channel);
      const operations = await staged.readAfter(channel, cursor, MAX_SESSION_LENGTH);
      if (operations.length === 0) return 'nothing';
      if ((await sessions.begin('P-0001', channel)).status === 'Suspended') return 'nothing';
      checkNoGap(channel, operations, cursor + 1);
      return { fromCounter: cursor + 1, toCounter: cursor + operations.length };
    } catch (error) {
      const session = await sessions.begin('P-0001', channel);
      return session.status === 'Suspended' ? 'nothing' : this.#fail(channel, session, error);
    }
  }

  async #fail(channel: string, { id }: CdxSession, error: unknown): Promise<BadChannel> {
    const text = error instanceof Error ? error.message : String(error);
    const { status } = await this.#ports.sessions.note(id, { kind: 'failed', error: text });
    return { channel, failed: status === 'Failed' ? 'again' : 'suspended' };
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
    await mapParallel(customers, MANY_PARALLEL, (group) => staging.insertAll(group));
    await index.insertAll(operations);
    const last = customers.map((group) => ({ ...(group.at(-1) as StoredOperation), tables: tablesOf(group) }));
    await pending.putAll(last);
    await mapParallel(last, MANY_PARALLEL, ({ customerAsyncId, sequence, tables }) =>
      heads.raiseUploaded(customerAsyncId, sequence, tables),
    );
  }
}

/** Whether the channel of a session may have more; one that was found open may be of long ago. */
function mayHaveMore(found: UploadState, rows: number): boolean {
  return found.session !== undefined || rows >= MAX_SESSION_LENGTH;
}

function blockedBy({ id, channel, error }: CdxSession): string {
  return (
    `Session ${id} is suspended after three tries (${error}). Its operations of channel ${channel} have their place in ` +
    "headquarters' order, so nothing later can be uploaded. Remove the cause, then retry or cancel the session."
  );
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
