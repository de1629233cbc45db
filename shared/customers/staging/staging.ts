/**
 * A channel's staged operations: what it has accepted, in order, until the upload job (P-0001) has taken it.
 *
 * Format of table `channelstaging` (frozen; docs/adr/0002). A channel's replication counters go from 1 on, and are cut
 * into segments of 500 so that partitions stay small. PartitionKey = `<channel>|<segment, 10 digits>`:
 *
 *   head               nextCounter: the counter that the next operation gets
 *   r|<counter, 12>    an operation
 *   m|<request>        marker of a request: firstCounter, rows
 *
 * and in partition `<channel>|newest` the row `newest` with the number of a late segment, from which to look further.
 *
 *  STAGE-1  One entity group transaction stages a request, or several of one process: head n → n+k (If-Match), k
 *      operations, a marker for each request. So counters have no gaps, and none is visible before the ones below it: a
 *      row with counter c is written under a head that says c, and that head was written by the transaction of c-1.
 *  STAGE-2  All rows of a transaction lie in the segment of its FIRST counter, so a request is never torn, and the last
 *      transaction of a segment may hang over by up to 97 counters. A counter's row is in segment (c-1) div 500 or, if it
 *      is one of the first 97 there, perhaps in the one before.
 *  STAGE-3  A segment is full when its head says a counter of a later segment. Heads only grow, and a full one is never
 *      written again: full is for ever. The next head is inserted (with the first transaction) only by who has seen the
 *      one before full, and begins where that one ended. Heads are never removed.
 *  STAGE-4  A request stages in segment s only after its claim's note says s. Notes only rise, and a note s+1 is written
 *      only after the segments up to s were seen full and, after that, without the request's marker.
 *  STAGE-5  A note is written by compare-and-swap on the claim, so an attempt that was overtaken can't raise it any more.
 *
 * Why no attempt stages twice, however late it wakes up: all attempts share one request id, hence one marker key. Two of
 * them in the same segment: the second insert of the marker fails the whole transaction. In different segments s < t: the
 * note t was written when s was full and held no marker, and a full segment takes none later (STAGE-3), so what was staged in t
 * is all there is; and an attempt that still means to write to s fails at its head. A retry looks for the marker where
 * the note says, which by STAGE-4 is the only place where it can be. A note also means that the request was accepted: whoever
 * finds one stages, without asking anew whether it is allowed, for an earlier attempt may have staged already.
 *
 * Readers go on to the next segment only after they have read the first counter of it, or all before: the one behind is
 * full then, and final (STAGE-3). Should a counter be missing all the same, they give nothing beyond it: an upload that stops
 * can be mended, one that has passed over an operation has lost it.
 */
import { Problem } from '../../problem.ts';
import type { Storage } from '../../storage/storage.ts';
import { MAX_PAGE, type Table } from '../../storage/table.ts';
import type { StagedOperation } from '../customer-operation.ts';
import type { StagedOperations } from '../ports.ts';
import type { StageRequest } from './stage-request.ts';
import {
  fromOperationRow,
  MAX_OPERATIONS_PER_REQUEST,
  OPERATIONS_END,
  type OperationRow,
  operationRowKey,
  STAGED_TABLE,
  segmentOf,
  segmentPartition,
  segmentsToSearch,
} from './staging-format.ts';
import { MAX_TRANSACTION_BYTES, StagingQueue, wireBytes } from './staging-queue.ts';
import { StagingWriter } from './staging-writer.ts';

/** The largest body of an operation, as JSON in bytes of UTF-16: its row then stays under 256 KiB. */
const MAX_STAGED_BODY_BYTES = 255 * 1024;

/** The staged operations of all channels. */
export interface Staging extends StagedOperations {
  /**
   * Stages a request, or finds it staged already. Returns its operations with their counters. Throws Problem too-large
   * (before anything is noted), storage-unavailable, and what `noteSegment` throws.
   */
  stage(request: StageRequest): Promise<readonly StagedOperation[]>;
}

/** Opens the staged operations in table `channelstaging`. */
export function openStaging(storage: Storage): Staging {
  const table = storage.table(STAGED_TABLE);
  const queue = new StagingQueue(new StagingWriter(table));
  return {
    async stage(request) {
      checkSize(request);
      return queue.stage(request);
    },

    async find(channel, replicationCounter) {
      for (const segment of segmentsToSearch(replicationCounter)) {
        const partitionKey = segmentPartition(channel, segment);
        const row = await table.get<OperationRow>(partitionKey, operationRowKey(replicationCounter));
        if (row) return fromOperationRow(channel, row);
      }
      return undefined;
    },

    async readAfter(channel, afterCounter, limit) {
      const operations: StagedOperation[] = [];
      let last = afterCounter;
      for (let segment = segmentsToSearch(last + 1)[0] ?? 0; operations.length < limit; segment++) {
        for (const operation of await readSegment(table, channel, segment, last, limit - operations.length)) {
          if (operation.replicationCounter !== last + 1) return operations;
          operations.push(operation);
          last++;
        }
        if (segmentOf(last + 1) <= segment) return operations;
      }
      return operations;
    },
  };
}

/** Operations of one segment above a counter; a segment is less than one page of the service. */
async function readSegment(
  table: Table,
  channel: string,
  segment: number,
  afterCounter: number,
  limit: number,
): Promise<StagedOperation[]> {
  const partitionKey = segmentPartition(channel, segment);
  const range = { partitionKey, from: operationRowKey(afterCounter + 1), to: OPERATIONS_END };
  const { rows } = await table.page<OperationRow>(range, Math.min(limit, MAX_PAGE));
  return rows.map((row) => fromOperationRow(channel, row));
}

function checkSize({ operations }: StageRequest): void {
  if (operations.length < 1 || operations.length > MAX_OPERATIONS_PER_REQUEST) {
    throw new Problem(
      'too-large',
      `One request stages 1 to ${MAX_OPERATIONS_PER_REQUEST} operations; this one has ${operations.length}. Send the rest in requests of their own.`,
    );
  }
  for (const { operation, body } of operations) {
    const bytes = 2 * JSON.stringify(body).length;
    if (bytes > MAX_STAGED_BODY_BYTES) {
      throw new Problem(
        'too-large',
        `${operation} has ${bytes} bytes; an operation may have ${MAX_STAGED_BODY_BYTES}.`,
      );
    }
  }
  const bytes = operations.reduce((sum, operation) => sum + wireBytes(operation), 0);
  if (bytes > MAX_TRANSACTION_BYTES) {
    throw new Problem('too-large', 'The request is too large to be staged as one. Send its addresses one by one.');
  }
}
