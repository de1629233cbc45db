/**
 * When each timer ran last, on whichever host. Table `timerruns`: PartitionKey `timer`, RowKey = the function's name. This
 * is a storage format (docs/adr/0002).
 */
import type { Storage } from '../storage/storage.ts';
import type { Row } from '../storage/table.ts';

/** The app's timers, by the names of their functions. */
export const TIMER_NAMES = [
  'pJobTimer',
  'customerSyncTimer',
  'cdx1010Timer',
  'drainEvents',
  'reconcileJobs',
  'purge',
  'purgeTombstones',
] as const;
export type TimerName = (typeof TIMER_NAMES)[number];

/** How a timer's last run ended, and when (ISO 8601 UTC); null: it has not run yet. */
export interface TimerRun {
  readonly name: TimerName;
  readonly lastRunOn: string | null;
  readonly outcome: 'done' | 'failed' | null;
}

interface TimerRow extends Row {
  lastRunOn: string;
  outcome: 'done' | 'failed';
}

const PARTITION = 'timer';

/** The stored last runs. */
export interface TimerRuns {
  list(): Promise<TimerRun[]>;
  /** A handler that does the same and has its end noted. What can't be noted, as storage is away, is left out. */
  noted<Args extends readonly unknown[]>(
    name: TimerName,
    handler: (...args: Args) => unknown,
  ): (...args: Args) => Promise<void>;
}

/** Opens the last runs. `now` in milliseconds since 1970. */
export function openTimerRuns(storage: Storage, now: () => number): TimerRuns {
  const table = storage.table('timerruns');
  const note = async (name: TimerName, outcome: TimerRow['outcome']) => {
    const row: TimerRow = { partitionKey: PARTITION, rowKey: name, lastRunOn: new Date(now()).toISOString(), outcome };
    // Any host's last run will do, so the row is written without a look at it.
    await table.write([{ kind: 'upsert', row }]).catch(() => undefined);
  };
  return {
    async list() {
      const { rows } = await table.page<TimerRow>({ partitionKey: PARTITION });
      return TIMER_NAMES.map((name) => {
        const { lastRunOn = null, outcome = null } = rows.find(({ rowKey }) => rowKey === name) ?? {};
        return { name, lastRunOn, outcome };
      });
    },
    noted:
      (name, handler) =>
      async (...args) => {
        try {
          await handler(...args);
        } catch (error) {
          await note(name, 'failed');
          throw error;
        }
        await note(name, 'done');
      },
  };
}
