import type { StagedOperation } from '../customer-operation.ts';
import type { NewOperation, StageOutcome, StageRequest } from './stage-request.ts';
import { MAX_ROWS_PER_TRANSACTION } from './staging-format.ts';
import type { StagingWriter } from './staging-writer.ts';

/** What a transaction may weigh on the wire by our estimate, which is never too low. */
export const MAX_TRANSACTION_BYTES = 3.25 * 1024 * 1024;

/** The most that an operation's row weighs on the wire: three bytes for a UTF-16 unit, and its keys and headers. */
export function wireBytes(operation: NewOperation): number {
  return 1_500 + 3 * JSON.stringify(operation.body).length;
}

interface Waiting {
  readonly request: StageRequest;
  readonly rows: number;
  readonly bytes: number;
  readonly answer: (outcome: StageOutcome) => void;
}

/**
 * Lines up the requests of this process by channel, so that they don't overtake one another at the segment's head, and
 * lets those that wait together share a transaction. It only saves work: other processes write to the same head.
 */
export class StagingQueue {
  readonly #writer: StagingWriter;
  readonly #waiting = new Map<string, Waiting[]>();

  constructor(writer: StagingWriter) {
    this.#writer = writer;
  }

  /** Stages a request when its turn has come. Throws what stood in its way. */
  async stage(request: StageRequest): Promise<readonly StagedOperation[]> {
    const outcome = await new Promise<StageOutcome>((answer) => {
      const bytes = request.operations.reduce((sum, operation) => sum + wireBytes(operation), 0);
      const entry: Waiting = { request, rows: request.operations.length + 1, bytes, answer };
      const line = this.#waiting.get(request.channel);
      if (line) line.push(entry);
      else {
        this.#waiting.set(request.channel, [entry]);
        void this.#drain(request.channel);
      }
    });
    if ('failure' in outcome) throw outcome.failure;
    return outcome.staged;
  }

  async #drain(channel: string): Promise<void> {
    const line = this.#waiting.get(channel) ?? [];
    while (line.length > 0) {
      const group = line.splice(0, groupLength(line));
      // The writer answers failures as outcomes, so a bad group can't stop the line.
      const outcomes = await this.#writer.stage(
        channel,
        group.map(({ request }) => request),
      );
      group.forEach(({ answer }, at) => {
        answer(outcomes[at] ?? { failure: new Error('A staged request got no outcome') });
      });
    }
    this.#waiting.delete(channel);
  }
}

/** How many requests at the front of the line fit one transaction; at least one. */
function groupLength(line: readonly Pick<Waiting, 'rows' | 'bytes'>[]): number {
  let rows = 0;
  let bytes = 0;
  const fitting = line.findIndex((entry) => {
    rows += entry.rows;
    bytes += entry.bytes;
    return rows > MAX_ROWS_PER_TRANSACTION || bytes > MAX_TRANSACTION_BYTES;
  });
  return fitting === -1 ? line.length : Math.max(1, fitting);
}
