import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import type { QueueChange } from './message-queue.ts';

/** Changes that belong together, each with the address of its queue; and ids that a repeated message is known by. */
export interface JournalEntry {
  readonly changes: readonly (readonly [address: string, change: QueueChange])[];
  readonly seen?: { readonly address: string; readonly messageId: string; readonly untilMs: number };
}

/** The file that outlives the process: one line of JSON for each entry, written before anything is acknowledged. */
export class Journal {
  readonly #path: string;
  #file: number | undefined;
  #lines = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** Lines written since it was last compacted. */
  get lines(): number {
    return this.#lines;
  }

  /** What was written. A last line that a death has torn was never acknowledged, and is cut off. */
  read(): JournalEntry[] {
    if (!existsSync(this.#path)) return [];
    const text = readFileSync(this.#path, 'utf8');
    const end = text.lastIndexOf('\n') + 1;
    if (end < text.length) {
      const file = openSync(this.#path, 'r+');
      ftruncateSync(file, Buffer.byteLength(text.slice(0, end)));
      closeSync(file);
    }
    const lines = text.slice(0, end).split('\n').slice(0, -1);
    this.#lines = lines.length;
    return lines.map((line) => JSON.parse(line) as JournalEntry);
  }

  append(entry: JournalEntry): void {
    this.#file ??= openSync(this.#path, 'a');
    writeSync(this.#file, `${JSON.stringify(entry)}\n`);
    this.#lines++;
  }

  /** Puts what still counts in the place of all that was written. */
  compact(entries: readonly JournalEntry[]): void {
    this.close();
    const draft = `${this.#path}.draft`;
    writeFileSync(draft, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    renameSync(draft, this.#path);
    this.#lines = entries.length;
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}
