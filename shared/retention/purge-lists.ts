/**
 * Purging what lists lead to: sessions of CDX jobs, runs, bulk changes. What isn't over stays however old it is, and so does
 * a job's newest run, which tells when it ran last. The thing goes before its place in the list, which leads a later round
 * to what a death has left.
 */

import type { BulkStore } from '../customers/bulk/bulk-store.ts';
import { type CdxSessions, SESSION_LIST } from '../customers/cdx/cdx-sessions.ts';
import { isOver } from '../customers/cdx/session.ts';
import { jobSchema, type Run } from '../runs/run.ts';
import { RUN_LIST_TABLE, type RunStore } from '../runs/run-store.ts';
import { newestFirst, type Place, placeBefore } from '../storage/newest-first.ts';
import type { Storage } from '../storage/storage.ts';
import { deleteRows, type PurgeRound } from './purge.ts';

/** What purging lists works with. */
export interface PurgeListsPorts {
  readonly storage: Storage;
  readonly sessions: Pick<CdxSessions, 'find' | 'remove'>;
  readonly runs: Pick<RunStore, 'findRun' | 'listRuns' | 'removeRun'>;
  readonly bulk: Pick<BulkStore, 'ended' | 'remove'>;
}

/** Purges sessions that were over before a time. Gives how many went. */
export function purgeSessions({ storage, sessions }: PurgeListsPorts, round: PurgeRound): Promise<number> {
  return purgeListed(storage, SESSION_LIST, round, async (id) => {
    const session = await sessions.find(id);
    if (session && !(isOver(session) && Date.parse(session.modifiedOn) < round.beforeMs)) return false;
    await sessions.remove(id);
    return true;
  });
}

/** Purges runs of all jobs that had ended before a time. Gives how many went. */
export async function purgeRuns({ storage, runs }: PurgeListsPorts, round: PurgeRound): Promise<number> {
  let purged = 0;
  for (const job of jobSchema.options) {
    const newest = (await runs.listRuns(job, 1)).items[0]?.runId;
    const hasEnded = ({ status, completedOn }: Run) =>
      (status === 'Completed' || status === 'Failed') && Date.parse(completedOn ?? '') < round.beforeMs;
    purged += await purgeListed(storage, { table: RUN_LIST_TABLE, scope: job }, round, async (id) => {
      const run = await runs.findRun(job, id);
      if (id === newest || (run && !hasEnded(run))) return false;
      await runs.removeRun(job, id);
      return true;
    });
  }
  return purged;
}

/** Purges bulk changes that had ended before a time. Gives how many went. */
export async function purgeBulkChanges({ bulk }: PurgeListsPorts, round: PurgeRound): Promise<number> {
  let purged = 0;
  for await (const bulkId of bulk.ended(round.beforeMs)) {
    if (!round.goOn()) break;
    await bulk.remove(bulkId);
    purged++;
  }
  return purged;
}

/** Walks the places of before a time; `remove` says whether what one leads to is gone. */
async function purgeListed(
  storage: Storage,
  { table: name, scope }: { readonly table: string; readonly scope: string },
  round: PurgeRound,
  remove: (id: string) => Promise<boolean>,
): Promise<number> {
  const table = storage.table(name);
  let purged = 0;
  for await (const { id, place } of newestFirst<object>(table, scope, placeBefore(scope, round.beforeMs))) {
    if (!round.goOn()) break;
    if (!(await remove(id))) continue;
    await deleteRows(table, [rowAt(place)]);
    purged++;
  }
  return purged;
}

function rowAt({ p, r }: Place): { partitionKey: string; rowKey: string } {
  return { partitionKey: p, rowKey: r };
}
