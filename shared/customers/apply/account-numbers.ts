/**
 * Account numbers, one after the other: table `sequences`, PartitionKey `account`, RowKey `next`: the number that comes
 * next. This is a storage format (docs/adr/0002).
 *
 *  NUMBER-1  A number is given out after the row was moved past it If-Match: no two callers get the same one, ever.
 *  NUMBER-2  A number that was drawn and not used is a gap; it never comes back.
 */
import type { Storage } from '../../storage/storage.ts';
import type { Row, Table } from '../../storage/table.ts';
import { updateRow } from '../../storage/update-row.ts';

interface NextRow extends Row {
  next: number;
}

const KEY = { partitionKey: 'account', rowKey: 'next' } as const;
const DIGITS = 8;

interface Waiting {
  readonly resolve: (accountNumber: string) => void;
  readonly reject: (error: unknown) => void;
}

/** Draws account numbers. Those who ask at the same time are served by one write. */
export class AccountNumbers {
  readonly #table: Table;
  #waiting: Waiting[] = [];
  #drawing = false;

  constructor(storage: Storage) {
    this.#table = storage.table('sequences');
  }

  /** A number that nobody was given before. */
  next(): Promise<string> {
    const number = new Promise<string>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    if (!this.#drawing) void this.#draw();
    return number;
  }

  async #draw(): Promise<void> {
    this.#drawing = true;
    while (this.#waiting.length > 0) {
      const served = this.#waiting;
      this.#waiting = [];
      try {
        const first = await this.#take(served.length);
        for (const [at, { resolve }] of served.entries()) resolve(formatAccountNumber(first + at));
      } catch (error) {
        for (const { reject } of served) reject(error);
      }
    }
    this.#drawing = false;
  }

  async #take(count: number): Promise<number> {
    const { row } = await updateRow<NextRow>(this.#table, KEY, (stored) => ({
      ...KEY,
      next: (stored?.next ?? 1) + count,
    }));
    return row.next - count;
  }
}

/** `C00000001`; a number beyond eight digits just gets longer. */
function formatAccountNumber(number: number): string {
  return `C${String(number).padStart(DIGITS, '0')}`;
}
