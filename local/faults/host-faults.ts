import { randomUUID } from 'node:crypto';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What is to go wrong with a host's storage; tables by the beginning of their names. */
export interface Faults {
  /** Writes of records with these ids are refused for good, with their place in the transaction, as the service would. */
  readonly poison?: readonly string[];
  /** Writes to these tables are answered 503. */
  readonly busy?: readonly string[];
  /** Writes to these tables take so many milliseconds longer. */
  readonly slow?: Readonly<Record<string, number>>;
  /** Writes that carry this text, in their address or body, wait once `after` of them (default 0) went through. */
  readonly hold?: { readonly text: string; readonly after?: number };
  /** The service's clock, which its answers tell, is so many seconds ahead. */
  readonly aheadSeconds?: number;
}

const HELD_LIMIT_MS = 60_000;
const LOOK_AGAIN_MS = 10;

/** The file that says that a write is being held. */
export function heldFile(faultsFile: string): string {
  return `${faultsFile}.held`;
}

/** Trouble with storage that a story or a test makes in a host of its own, and ends again. */
export class HostFaults {
  readonly #file = join(tmpdir(), `spillway-faults-${randomUUID()}`);
  /** What the host must be started with. */
  readonly env: Readonly<Record<string, string>>;

  /** @param distPath the folder of the compiled project. */
  constructor(distPath: string) {
    this.env = {
      SPILLWAY_STORAGE_HOOK: resolve(distPath, 'local', 'faults', 'storage-faults.js'),
      SPILLWAY_FAULTS_FILE: this.#file,
    };
  }

  /** From now on it goes wrong so, and not as it did before. */
  make(faults: Faults): void {
    rmSync(heldFile(this.#file), { force: true });
    writeFileSync(`${this.#file}.new`, JSON.stringify(faults));
    renameSync(`${this.#file}.new`, this.#file);
  }

  /** Resolves when a write is being held. Rejects when none is after a minute. */
  async untilHeld(): Promise<void> {
    for (const endMs = Date.now() + HELD_LIMIT_MS; !existsSync(heldFile(this.#file)); await sleep(LOOK_AGAIN_MS)) {
      if (Date.now() > endMs) throw new Error('No write came that could be held');
    }
  }

  /** All is well again; what was held goes on. */
  end(): void {
    for (const file of [this.#file, heldFile(this.#file)]) rmSync(file, { force: true });
  }
}
