/**
 * Idempotency: one row per (caller, key), inserted before any work. Every attempt under the key works towards the ids
 * that the first one reserved, and the answer is kept for the attempts after it. Invariants:
 *
 *  CLAIM-1  Reserved ids never change while the row exists; it exists before anything is written under them.
 *  CLAIM-2  Two attempts may run at once (the lease only makes that rare): work under reserved ids is idempotent by
 *      itself.
 *  CLAIM-3  A note is written only by the attempt that holds the row (If-Match), so an attempt that was overtaken learns
 *      of it.
 *  CLAIM-4  Only 2xx answers are kept. A refusal of the first attempt frees the key. A failure leaves the claim for the
 *      next attempt, and from then on a refusal does so too: the attempt before may have written something under the ids.
 */
import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { Problem } from '../problem.ts';
import { joinLongText, splitLongText } from '../storage/long-text.ts';
import type { Storage } from '../storage/storage.ts';
import type { Row, StoredRow, Table } from '../storage/table.ts';
import type { Answer, ClaimHandle } from './endpoint.ts';

/** An attempt counts as alive for so long; a later attempt then takes the claim over. */
const LEASE_MS = 5_000;

interface ClaimRow extends Row {
  fingerprint: string;
  reserved: string;
  note?: string;
  leaseUntilMs: number;
  createdOn: string;
  /** HTTP status of the kept answer; 0 while there is none. */
  status: number;
}

/** A request that asks for its claim. */
export interface ClaimRequest {
  /** Who the key belongs to: the same key of another caller is another claim. */
  readonly scope: string;
  readonly key: string;
  /** Hash of what is asked for; another one under the same key is refused. */
  readonly fingerprint: string;
  readonly reserve: () => unknown;
}

/** The claims of requests. */
export interface Claims {
  /**
   * Does the work once per (scope, key) and gives the kept answer after that. Throws Problem request-in-flight while
   * another attempt is alive, idempotency-key-reused for another fingerprint, and what the work throws.
   */
  run(request: ClaimRequest, work: (reserved: unknown, claim: ClaimHandle) => Promise<Answer>): Promise<Answer>;
}

/** Table of the claims. */
export const CLAIMS_TABLE = 'claims';

/** Opens the claims. */
export function createClaims(storage: Storage, now: () => number = Date.now): Claims {
  const table = storage.table(CLAIMS_TABLE);
  return {
    async run(request, work) {
      const id = hash(`${request.scope}\u0000${request.key}`);
      const held = await hold(table, id, request, now);
      if (held.status !== 0) return keptAnswer(held);
      const claim = new HeldClaim(table, held);
      let answer: Answer;
      try {
        answer = await work(JSON.parse(held.reserved), claim);
        if (answer.status < 300) await claim.settle(answer);
      } catch (error) {
        const refused = error instanceof Problem && error.status < 500 && error.slug !== 'request-in-flight';
        await claim.release(refused && held.first);
        throw error;
      }
      if (answer.status >= 300) await claim.release(answer.status < 500 && held.first);
      return answer;
    },
  };
}

/** SHA-256 in hex of a request's meaning: its JSON with sorted keys. */
export function fingerprintOf(value: unknown): string {
  return hash(JSON.stringify(value, (_key, part: unknown) => (isObject(part) ? sorted(part) : part)) ?? '');
}

/** A claim's row as this attempt holds it; `first` tells that no attempt was before it. */
type Held = StoredRow<ClaimRow> & { readonly first: boolean };

/** The claim's row, ours or answered. */
async function hold(table: Table, id: string, request: ClaimRequest, now: () => number): Promise<Held> {
  const key = { partitionKey: id.slice(0, 3), rowKey: id };
  for (;;) {
    const stored = await table.get<ClaimRow>(key.partitionKey, key.rowKey);
    if (!stored) {
      const row: ClaimRow = {
        ...key,
        fingerprint: request.fingerprint,
        reserved: JSON.stringify(request.reserve() ?? null),
        leaseUntilMs: now() + LEASE_MS,
        createdOn: new Date(now()).toISOString(),
        status: 0,
      };
      const written = await table.write([{ kind: 'insert', row }]);
      if (written.ok) return { ...row, etag: written.etags[0] ?? '', first: true };
      continue;
    }
    if (stored.fingerprint !== request.fingerprint) {
      throw new Problem('idempotency-key-of-another-request', {});
    }
    if (stored.status !== 0) return { ...stored, first: false };
    const leftMs = stored.leaseUntilMs - now();
    if (leftMs > 0) throw inFlight(leftMs);
    const row: ClaimRow = { ...key, ...leaseOf(stored), leaseUntilMs: now() + LEASE_MS };
    const written = await table.write([{ kind: 'merge', row, etag: stored.etag }]);
    if (written.ok) return { ...stored, ...row, etag: written.etags[0] ?? '', first: false };
  }
}

function leaseOf(stored: ClaimRow): Pick<ClaimRow, 'fingerprint' | 'reserved' | 'createdOn' | 'status'> {
  const { fingerprint, reserved, createdOn, status } = stored;
  return { fingerprint, reserved, createdOn, status };
}

function inFlight(leftMs: number): Problem {
  return new Problem('same-request-in-flight', {}, { retryAfterSeconds: Math.max(1, Math.ceil(leftMs / 1000)) });
}

class HeldClaim implements ClaimHandle {
  readonly #table: Table;
  readonly #row: ClaimRow;
  #etag: string;

  constructor(table: Table, row: StoredRow<ClaimRow>) {
    this.#table = table;
    const { etag, ...rest } = row;
    this.#row = rest as ClaimRow;
    this.#etag = etag;
  }

  get id(): string {
    return this.#row.rowKey;
  }

  get note(): string | undefined {
    return this.#row.note;
  }

  async writeNote(note: string): Promise<void> {
    if (!(await this.#merge({ note }))) throw inFlight(LEASE_MS);
    this.#row.note = note;
  }

  /** Keeps a 2xx answer. When another attempt has taken over, that one keeps the same answer. */
  async settle(answer: Answer): Promise<void> {
    await this.#merge({ status: answer.status, ...splitLongText('answer', pack(answer)) });
  }

  /** After a failure: frees the key when nothing was written under it, else ends the lease so that a retry goes on at once. */
  async release(free: boolean): Promise<void> {
    if (free) await this.#table.delete(this.#row.partitionKey, this.#row.rowKey, this.#etag);
    else await this.#merge({ leaseUntilMs: 0 }).catch(() => false);
  }

  async #merge(change: Record<string, string | number>): Promise<boolean> {
    const { partitionKey, rowKey } = this.#row;
    const written = await this.#table.write([
      { kind: 'merge', row: { partitionKey, rowKey, ...change }, etag: this.#etag },
    ]);
    if (written.ok) this.#etag = written.etags[0] ?? '';
    return written.ok;
  }
}

function keptAnswer(row: ClaimRow): Answer {
  return { status: row.status, ...unpack(joinLongText('answer', row) ?? '') };
}

/** Compressed, because the answer to a thousand lines, each with a problem of its own, would not fit a row. */
function pack({ body, headers }: Answer): string {
  return deflateRawSync(JSON.stringify({ body, headers })).toString('base64');
}

function unpack(packed: string): Pick<Answer, 'body' | 'headers'> {
  return JSON.parse(inflateRawSync(Buffer.from(packed, 'base64')).toString('utf8'));
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sorted(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
