import type { TimerDurableClientHandler } from 'durable-functions';
import { OrchestrationRuntimeStatus } from 'durable-functions';
import { CHANGE_REFUSALS } from '../../shared/customers/messages/change-refusals.ts';
import { CLAIMS_TABLE } from '../../shared/http/claims.ts';
import { type CompactFeedPorts, compactFeed } from '../../shared/retention/compact-feed.ts';
import { purgeByWalk } from '../../shared/retention/purge.ts';
import { type PurgeJobsPorts, purgeJobs } from '../../shared/retention/purge-jobs.ts';
import {
  type PurgeListsPorts,
  purgeBulkChanges,
  purgeRuns,
  purgeSessions,
} from '../../shared/retention/purge-lists.ts';
import { purgeOutbox } from '../../shared/retention/purge-outbox.ts';
import { type PurgeStagingPorts, purgeStaging } from '../../shared/retention/purge-staging.ts';
import { isOnSchedule } from '../../shared/runs/timer-decision.ts';
import type { Settings, SettingsStore } from '../../shared/settings/settings.ts';

/** Once an hour, some minutes past. */
export const PURGE_SCHEDULE = '0 17 * * * *';

const DAY_MS = 86_400_000;
/** Each kind has so long in a turn; what is left then waits for the next. */
const TURN_MS = 60_000;

export interface PurgePorts extends PurgeJobsPorts, PurgeStagingPorts, PurgeListsPorts, CompactFeedPorts {
  readonly settings: Pick<SettingsStore, 'readSettings'>;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}

/** Finished orchestrations have nothing to tell once the jobs that they worked for may be purged. */
const FINISHED = [
  OrchestrationRuntimeStatus.Completed,
  OrchestrationRuntimeStatus.Failed,
  OrchestrationRuntimeStatus.Terminated,
];

/**
 * The timer `purge`: removes what is older than the settings `retentionDays` say, a bounded piece at a time. While
 * `timersEnabled` is off it works only when it is called by hand.
 */
export function createPurge(ports: PurgePorts): TimerDurableClientHandler {
  const { storage, settings, now } = ports;
  return async (timer, client, context) => {
    const { retentionDays, timersEnabled } = (await settings.readSettings()).settings;
    if (!timersEnabled && isOnSchedule(timer, now())) return;
    const beforeMs = (kind: keyof Settings['retentionDays']) => now() - retentionDays[kind] * DAY_MS;
    const work: Record<string, (goOn: () => boolean) => Promise<number>> = {
      jobs: (goOn) => purgeJobs(ports, { beforeMs: beforeMs('jobs'), goOn }),
      stagingRows: (goOn) => purgeStaging(ports, { beforeMs: beforeMs('stagingRows'), goOn }),
      idempotencyKeys: (goOn) =>
        purgeByWalk(storage, CLAIMS_TABLE, ['createdOn'], olderThan('createdOn', beforeMs('idempotencyKeys')), {
          goOn,
        }),
      refusals: (goOn) =>
        purgeByWalk(storage, CHANGE_REFUSALS, ['refusedOn'], olderThan('refusedOn', beforeMs('idempotencyKeys')), {
          goOn,
        }),
      cdxSessions: (goOn) => purgeSessions(ports, { beforeMs: beforeMs('cdxSessions'), goOn }),
      runs: (goOn) => purgeRuns(ports, { beforeMs: beforeMs('runs'), goOn }),
      bulkChanges: (goOn) => purgeBulkChanges(ports, { beforeMs: beforeMs('runs'), goOn }),
      customerFeed: (goOn) => compactFeed(ports, { beforeMs: beforeMs('customerFeed'), goOn }),
      outbox: (goOn) => purgeOutbox(storage, { beforeMs: beforeMs('outbox'), goOn }),
      async histories() {
        const until = new Date(beforeMs('jobs'));
        const result = await client.purgeInstanceHistoryBy({
          createdTimeFrom: new Date(1),
          createdTimeTo: until,
          runtimeStatus: FINISHED,
        });
        return result.instancesDeleted;
      },
    };
    const failures: unknown[] = [];
    for (const [kind, purge] of Object.entries(work)) {
      const endMs = now() + TURN_MS;
      try {
        const purged = await purge(() => now() < endMs);
        if (purged > 0) context.log(`Purged: ${purged} ${kind}.`);
      } catch (error) {
        context.warn(`Purging ${kind} goes on at the next turn: ${String(error)}`);
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  };
}

function olderThan<Name extends string>(
  name: Name,
  beforeMs: number,
): (row: { readonly [name: string]: unknown }) => boolean {
  return (row) => Date.parse(String(row[name])) < beforeMs;
}
