import type { Log } from '../log.ts';
import { Fenced } from './fenced.ts';
import type { InstanceTable } from './instance-table.ts';
import type { Snapshot, SnapshotStore } from './snapshots.ts';
import type { WriteAheadLog } from './write-ahead-log.ts';

/** Full segments that stay; what changes within their span needs no snapshot. */
const SEGMENTS_KEPT = 2;
/** Snapshots are taken in groups, so that other writes get their turn in between. */
const GROUP = 100;

/**
 * Keeps the log short: when it has more full segments than are kept, the instances that need the oldest are written as
 * snapshots, then it is dropped. Safe to be cut off at any point: until the drop the log still holds everything.
 */
export class Compaction {
  readonly #log: WriteAheadLog;
  readonly #instances: InstanceTable;
  readonly #snapshots: SnapshotStore;
  readonly #report: Log;
  #running: Promise<void> | undefined;

  constructor(log: WriteAheadLog, instances: InstanceTable, snapshots: SnapshotStore, report: Log) {
    this.#log = log;
    this.#instances = instances;
    this.#snapshots = snapshots;
    this.#report = report;
  }

  /** Begins to compact in the background when it is due and not under way. */
  startIfDue(): void {
    if (this.#running || !this.#isDue()) return;
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Resolves when none is under way. */
  async finished(): Promise<void> {
    await this.#running;
  }

  #isDue(): boolean {
    return this.#log.currentSegment - this.#log.firstSegment > SEGMENTS_KEPT;
  }

  async #run(): Promise<void> {
    try {
      while (this.#isDue()) {
        const segment = this.#log.firstSegment;
        await this.#saveChangedBefore(this.#log.startOf(segment + 1));
        await this.#log.dropBefore(segment + 1);
      }
    } catch (error) {
      // Nothing is lost: the segment stays, and the next entry tries again. A fenced host learns so when it appends.
      const level = error instanceof Fenced ? 'error' : 'warning';
      this.#report({ level, message: `Durable log could not be shortened: ${String(error)}` });
    }
  }

  async #saveChangedBefore(end: number): Promise<void> {
    const ids = this.#instances.changedSince(end - 1);
    for (let at = 0; at < ids.length; at += GROUP) {
      const { position } = this.#instances;
      const group: Snapshot[] = ids.slice(at, at + GROUP).map((instanceId) => {
        return { instanceId, position, instance: this.#instances.get(instanceId) };
      });
      await this.#snapshots.save(group);
      for (const { instanceId, instance } of group) {
        const changed = this.#instances.get(instanceId) !== instance;
        this.#instances.snapshotStored(instanceId, position, changed);
      }
    }
  }
}
