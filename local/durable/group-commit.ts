import type { LogRecord } from './records.ts';

/** Records of many instances that are ready at the same time go into one entry of about this many characters. */
const ENTRY_CHARS = 400_000;

interface Pending {
  readonly record: LogRecord;
  readonly text: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes records to the log, one entry at a time; what comes in during a write goes into the next entry together.
 *
 * Invariants
 * 1. `onStored` sees every record once, in log order, before its `commit` resolves.
 * 2. After a failed write nothing is written any more: `onFailed` is told once, every later commit rejects with the same
 *    failure.
 */
export class GroupCommit {
  readonly #append: (text: string) => Promise<number>;
  readonly #onStored: (position: number, records: readonly LogRecord[]) => void;
  readonly #onFailed: (error: unknown) => void;
  #queue: Pending[] = [];
  #unstored = 0;
  #writing: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(
    append: (text: string) => Promise<number>,
    onStored: (position: number, records: readonly LogRecord[]) => void,
    onFailed: (error: unknown) => void,
  ) {
    this.#append = append;
    this.#onStored = onStored;
    this.#onFailed = onFailed;
  }

  /** Whether every record is stored whose commit has been asked for. */
  get isIdle(): boolean {
    return this.#unstored === 0;
  }

  /** Resolves once the record is stored and applied. */
  commit(record: LogRecord): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure) {
        reject(this.#failure.error);
        return;
      }
      this.#unstored++;
      this.#queue.push({ record, text: JSON.stringify(record), resolve, reject });
      this.#writing ??= this.#writeAll().finally(() => {
        this.#writing = undefined;
      });
    });
  }

  /** Resolves when everything committed so far is stored, or has failed. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#takeBatch();
      try {
        const position = await this.#append(`[${batch.map(({ text }) => text).join(',')}]`);
        this.#unstored -= batch.length;
        this.#onStored(
          position,
          batch.map(({ record }) => record),
        );
      } catch (error) {
        this.#failure = { error };
        this.#onFailed(error);
        for (const { reject } of [...batch, ...this.#queue]) reject(error);
        this.#queue = [];
        this.#unstored = 0;
        return;
      }
      for (const { resolve } of batch) resolve();
    }
  }

  #takeBatch(): Pending[] {
    let chars = 0;
    let count = 0;
    for (const { text } of this.#queue) {
      if (count > 0 && chars + text.length > ENTRY_CHARS) break;
      chars += text.length;
      count++;
    }
    return this.#queue.splice(0, count);
  }
}
