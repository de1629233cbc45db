/**
 * One host at a time on one set of data: a lease row that the holder renews.
 *
 * Invariants
 * 1. The row changes only under the ETag that was read, so of two that reach for it one wins; every taking raises the epoch.
 * 2. A live holder is never pushed out. On its own machine its process tells at once whether it lives; from elsewhere the
 *    lease is taken when nobody has renewed it for `LEASE_MS`, as watched by the taker's own clock (clocks of different
 *    machines are not compared).
 * 3. A storage service that stands still does not lose the lease; only somebody else's taking it does.
 */
import { StorageUnavailable } from '../shared/storage/storage-errors.ts';
import type { Row, StoredRow, Table } from '../shared/storage/table.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import { isAlive } from './process-identity.ts';

/** Far more than the emulator's standstill while it saves. */
export const LEASE_MS = 15_000;
export const RENEW_MS = 2_500;
const WATCH_MS = 500;

/** Who holds a lease. */
export interface LeaseHolder {
  readonly hostId: string;
  readonly pid: number;
  /** When the process began, in the system's own words (process-identity.ts): pids are used again. */
  readonly startedAt: string;
  readonly machine: string;
}

/** Another host holds the lease and renews it. */
export class HostLeaseHeld extends Error {
  override readonly name = 'HostLeaseHeld';
  readonly holder: LeaseHolder;

  constructor(name: string, { hostId, pid, startedAt, machine }: LeaseHolder, since: string) {
    super(
      `Another host works on "${name}": ${hostId}, process ${pid} on ${machine}, since ${since}. ` +
        'Stop it first, or use other data.',
    );
    this.holder = { hostId, pid, startedAt, machine };
  }
}

export interface HostLeaseOptions {
  readonly table: Table;
  /** What is leased. */
  readonly name: string;
  readonly holder: LeaseHolder;
  readonly clock: Clock;
  readonly log: Log;
  /** Told when another host has taken the lease: this one must stop. */
  readonly onLost: () => void;
  /** Whether a holder on this machine lives; replaced in tests. */
  readonly isHolderAlive?: (holder: LeaseHolder) => boolean;
}

export interface HostLease {
  /** Grows by one with every holder. */
  readonly epoch: number;
  /** Stops renewing and lets the next host begin at once. */
  release(): Promise<void>;
}

interface LeaseRow extends Row {
  hostId: string;
  pid: number;
  startedAt: string;
  machine: string;
  /** When this holder took it, ISO 8601. */
  since: string;
  renewed: number;
  epoch: number;
  released: boolean;
}

/** Takes the lease; waits up to `LEASE_MS` where the last holder may have died. Rejects with HostLeaseHeld. */
export async function acquireHostLease(options: HostLeaseOptions): Promise<HostLease> {
  const { table, name, holder, clock } = options;
  const key = { partitionKey: 'lease', rowKey: name };
  for (;;) {
    const found = await table.get<LeaseRow>(key.partitionKey, key.rowKey);
    if (found && !found.released) await awaitEnd(options, found);
    const epoch = (found?.epoch ?? 0) + 1;
    const since = new Date(clock.now()).toISOString();
    const row: LeaseRow = { ...key, ...holder, since, renewed: 0, epoch, released: false };
    const taken = await table.write([found ? { kind: 'merge', row, etag: found.etag } : { kind: 'insert', row }]);
    if (taken.ok) return new RenewedLease(options, { ...row, etag: taken.etags[0] ?? '' });
  }
}

/** Returns when the holder is gone. Rejects with HostLeaseHeld when it lives. */
async function awaitEnd(options: HostLeaseOptions, found: StoredRow<LeaseRow>): Promise<void> {
  if (found.machine !== options.holder.machine) return watch(options, found);
  const { isHolderAlive = (holder) => isAlive({ ...holder, commandLine: '' }) } = options;
  if (isHolderAlive(found)) throw new HostLeaseHeld(options.name, found, found.since);
}

/** Returns when nobody has renewed for as long as a lease lasts. Rejects with HostLeaseHeld when somebody does. */
async function watch({ table, name, clock }: HostLeaseOptions, found: StoredRow<LeaseRow>): Promise<void> {
  const giveUpAt = clock.now() + LEASE_MS;
  while (clock.now() < giveUpAt) {
    await new Promise<void>((resolve) => clock.at(clock.now() + WATCH_MS, resolve));
    const row = await table.get<LeaseRow>(found.partitionKey, found.rowKey);
    if (!row || row.released) return;
    if (row.etag !== found.etag) throw new HostLeaseHeld(name, row, row.since);
  }
}

class RenewedLease implements HostLease {
  readonly epoch: number;
  readonly #options: HostLeaseOptions;
  #row: StoredRow<LeaseRow>;
  #cancel = (): void => {};
  #isOver = false;
  #renewing: Promise<void> | undefined;

  constructor(options: HostLeaseOptions, row: StoredRow<LeaseRow>) {
    this.#options = options;
    this.#row = row;
    this.epoch = row.epoch;
    this.#renewLater();
  }

  async release(): Promise<void> {
    this.#isOver = true;
    this.#cancel();
    await this.#renewing;
    const { etag, ...row } = this.#row;
    await this.#options.table.write([{ kind: 'merge', row: { ...row, released: true }, etag }]);
  }

  #renewLater(): void {
    const { clock } = this.#options;
    this.#cancel = clock.at(clock.now() + RENEW_MS, () => {
      this.#renewing = this.#renew();
    });
  }

  async #renew(): Promise<void> {
    const { table, log, onLost } = this.#options;
    const { etag, ...row } = this.#row;
    const renewed = { ...row, renewed: row.renewed + 1 };
    try {
      const written = await table.write([{ kind: 'merge', row: renewed, etag }]);
      if (written.ok) this.#row = { ...renewed, etag: written.etags[0] ?? '' };
      else if (!(await this.#isStillOurs())) {
        this.#isOver = true;
        onLost();
      }
    } catch (error) {
      const level = error instanceof StorageUnavailable ? 'warning' : 'error';
      log({ level, message: `The host's lease could not be renewed: ${String(error)}` });
    }
    if (!this.#isOver) this.#renewLater();
  }

  /** A renewal whose answer was lost has changed the ETag; the epoch tells whose the row is. */
  async #isStillOurs(): Promise<boolean> {
    const row = await this.#options.table.get<LeaseRow>(this.#row.partitionKey, this.#row.rowKey);
    if (row?.epoch !== this.epoch) return false;
    this.#row = row;
    return true;
  }
}
