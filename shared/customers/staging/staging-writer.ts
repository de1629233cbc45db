/**
 * Puts the operations of one or several requests into the newest segment, in one transaction. Invariants: staging.ts.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../../problem.ts';
import { MAX_PARALLEL, mapParallel } from '../../storage/parallel.ts';
import type { StoredRow, Table, Write, WriteResult } from '../../storage/table.ts';
import type { StagedOperation } from '../customer-operation.ts';
import { StageGroup, type StageOutcome, type StageRequest } from './stage-request.ts';
import {
  fromOperationRow,
  HEAD,
  type HeadRow,
  isFull,
  type MarkerRow,
  markerRowKey,
  NEWEST,
  type NewestRow,
  newestPartition,
  type OperationRow,
  operationRowKey,
  segmentPartition,
  toOperationRow,
} from './staging-format.ts';

/** Where the next transaction goes. Without `etag` the segment's head isn't there yet: the one before is full. */
interface OpenSegment {
  readonly segment: number;
  readonly nextCounter: number;
  readonly etag: string | undefined;
}

const MAX_ATTEMPTS = 50;
const MAX_WAIT_MS = 200;

/** Writes staged operations; requests of one process that come together share a transaction. */
export class StagingWriter {
  readonly #table: Table;
  /** What this process saw last, by channel. It saves reads; If-Match tells when it is out of date. */
  readonly #seen = new Map<string, OpenSegment>();

  constructor(table: Table) {
    this.#table = table;
  }

  /** Stages requests of one channel that fit one transaction together. Outcomes in the order given. */
  async stage(channel: string, requests: readonly StageRequest[]): Promise<StageOutcome[]> {
    const group = new StageGroup(requests);
    try {
      for (let attempt = 0; attempt < MAX_ATTEMPTS && group.open.length > 0; attempt++) {
        if (attempt > 0) await pause(attempt);
        await this.#attempt(channel, group);
      }
      group.failRest(tooManyWriters(channel));
    } catch (error) {
      this.#seen.delete(channel);
      group.failRest(error);
    }
    return group.outcomes();
  }

  async #attempt(channel: string, group: StageGroup): Promise<void> {
    const at = await this.#openSegment(channel, group.newestNoted());
    await mapParallel(group.open, MAX_PARALLEL, (request) => this.#prepare(request, at.segment, group));
    const ready = group.open;
    if (ready.length === 0) return;
    const rows = new Map<StageRequest, StagedOperation[]>();
    const written = await this.#table.write(transaction(channel, at, ready, rows));
    if (written.ok) {
      for (const request of ready) group.answer(request, { staged: rows.get(request) ?? [] });
      await this.#advance(channel, at, written.etags[0] ?? '', [...rows.values()].flat().length);
      return;
    }
    this.#seen.delete(channel);
    await this.#learn(channel, at.segment, ready, group, written);
  }

  /** STAGE-4: a request is either found in the segment that it noted, or notes this one. */
  async #prepare(request: StageRequest, segment: number, group: StageGroup): Promise<void> {
    const noted = group.notedBy(request);
    if (noted === segment && group.isChecked(request)) return;
    try {
      const earlier = noted === undefined ? undefined : await this.#findMarked(request.channel, noted, request);
      if (earlier) return group.answer(request, { staged: earlier });
      if (noted !== segment) await request.noteSegment(segment);
      group.note(request, segment);
    } catch (failure) {
      group.answer(request, { failure });
    }
  }

  /** A taken key: another attempt's head, or the marker of a request that another attempt has just staged. */
  async #learn(
    channel: string,
    segment: number,
    ready: readonly StageRequest[],
    group: StageGroup,
    refused: Extract<WriteResult, { ok: false }>,
  ): Promise<void> {
    if (refused.conflict !== 'exists') return;
    await mapParallel(ready, MAX_PARALLEL, async (request) => {
      const staged = await this.#findMarked(channel, segment, request);
      if (staged) group.answer(request, { staged });
    });
  }

  async #findMarked(channel: string, segment: number, request: StageRequest): Promise<StagedOperation[] | undefined> {
    const partitionKey = segmentPartition(channel, segment);
    const marker = await this.#table.get<MarkerRow>(partitionKey, markerRowKey(request.requestId));
    if (!marker) return undefined;
    const from = operationRowKey(marker.firstCounter);
    const to = operationRowKey(marker.firstCounter + marker.rows);
    const staged: StagedOperation[] = [];
    for await (const row of this.#table.rows<OperationRow>({ partitionKey, from, to })) {
      staged.push(fromOperationRow(channel, row));
    }
    return staged;
  }

  /** STAGE-3: heads are read upwards, until one that isn't full, or none after a full one. */
  async #openSegment(channel: string, atLeast: number): Promise<OpenSegment> {
    const seen = this.#seen.get(channel);
    if (seen && seen.segment >= atLeast) return seen;
    const hint = await this.#table.get<NewestRow>(newestPartition(channel), NEWEST);
    let segment = Math.max(atLeast, hint?.segment ?? 0);
    let full: StoredRow<HeadRow> | undefined;
    for (;;) {
      const head = await this.#table.get<HeadRow>(segmentPartition(channel, segment), HEAD);
      if (head && !isFull(segment, head.nextCounter)) {
        return { segment, nextCounter: head.nextCounter, etag: head.etag };
      }
      if (head) {
        full = head;
        segment++;
      } else if (full || segment === 0) {
        return { segment, nextCounter: full?.nextCounter ?? 1, etag: undefined };
      } else segment--;
    }
  }

  async #advance(channel: string, at: OpenSegment, etag: string, rows: number): Promise<void> {
    const nextCounter = at.nextCounter + rows;
    const next = isFull(at.segment, nextCounter)
      ? { segment: at.segment + 1, nextCounter, etag: undefined }
      : { segment: at.segment, nextCounter, etag };
    this.#seen.set(channel, next);
    if (at.etag !== undefined) return;
    const row: NewestRow = { partitionKey: newestPartition(channel), rowKey: NEWEST, segment: at.segment };
    // Only a hint, and what it should lead to is staged: a failure here is none of the request.
    await this.#table.write([{ kind: 'upsert', row }]).catch(() => undefined);
  }
}

/** The head's step, the operations and the markers, as one transaction (STAGE-1, STAGE-2). Tells which operations are whose. */
function transaction(
  channel: string,
  { segment, nextCounter, etag }: OpenSegment,
  requests: readonly StageRequest[],
  staged: Map<StageRequest, StagedOperation[]>,
): Write[] {
  const partitionKey = segmentPartition(channel, segment);
  const inserts: Write[] = [];
  let counter = nextCounter;
  for (const request of requests) {
    const operations = request.operations.map((operation, at) => ({
      ...operation,
      channel,
      replicationCounter: counter + at,
    }));
    const rowKey = markerRowKey(request.requestId);
    const marker: MarkerRow = { partitionKey, rowKey, firstCounter: counter, rows: operations.length };
    for (const operation of operations) inserts.push({ kind: 'insert', row: toOperationRow(segment, operation) });
    inserts.push({ kind: 'insert', row: marker });
    staged.set(request, operations);
    counter += operations.length;
  }
  const head: HeadRow = { partitionKey, rowKey: HEAD, nextCounter: counter };
  const step: Write = etag === undefined ? { kind: 'insert', row: head } : { kind: 'merge', row: head, etag };
  return [step, ...inserts];
}

function tooManyWriters(channel: string): Problem {
  return new Problem(
    'storage-unavailable',
    `Many callers write to channel ${channel} at once, and this one found no turn. Repeat the request with the same Idempotency-Key.`,
    { retryAfterSeconds: 2 },
  );
}

function pause(attempt: number): Promise<void> {
  const mostMs = Math.min(MAX_WAIT_MS, 10 * attempt);
  return sleep(Math.random() * mostMs);
}
