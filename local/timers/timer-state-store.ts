import { RestError, TableClient } from '@azure/data-tables';
import type { TimerStatus } from './timer-decisions.ts';

/** Where timers' states outlive the host. */
export interface TimerStateStore {
  read(functionName: string): Promise<TimerStatus | undefined>;
  write(functionName: string, status: TimerStatus): Promise<void>;
}

const TABLE = 'LocalHostTimers';
const PARTITION = 'timer';

interface TimerRow {
  last?: Date;
  next?: Date;
  lastUpdated?: Date;
}

/** Keeps timers' states in a table of the storage account, one row for each function. */
export async function createTimerStateTable(connectionString: string): Promise<TimerStateStore> {
  const table = TableClient.fromConnectionString(connectionString, TABLE, { allowInsecureConnection: true });
  await table.createTable();
  return {
    async read(functionName) {
      try {
        const row = await table.getEntity<TimerRow>(PARTITION, functionName);
        return {
          lastMs: row.last?.getTime(),
          nextMs: row.next?.getTime(),
          lastUpdatedMs: row.lastUpdated?.getTime(),
        };
      } catch (error) {
        if (error instanceof RestError && error.statusCode === 404) return undefined;
        throw error;
      }
    },
    async write(functionName, status) {
      await table.upsertEntity(
        {
          partitionKey: PARTITION,
          rowKey: functionName,
          ...(status.lastMs === undefined ? {} : { last: new Date(status.lastMs) }),
          ...(status.nextMs === undefined ? {} : { next: new Date(status.nextMs) }),
          ...(status.lastUpdatedMs === undefined ? {} : { lastUpdated: new Date(status.lastUpdatedMs) }),
        },
        'Replace',
      );
    },
  };
}
