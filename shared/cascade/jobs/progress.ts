import type { LaneProgress, TableCounts } from '../ports.ts';
import type { EndCounts } from './job.ts';

/** Nothing done. */
export const NO_COUNTS: EndCounts = { done: 0, failed: 0, skipped: 0, byTable: {}, heartbeatOn: null };

/** What the lanes of a job have done together. */
export function sumLanes(lanes: readonly LaneProgress[]): EndCounts {
  return lanes.reduce<EndCounts>(
    (sum, lane) => ({
      done: sum.done + lane.done,
      failed: sum.failed + lane.failed,
      skipped: sum.skipped + lane.skipped,
      byTable: sumTables(sum.byTable, lane.byTable),
      heartbeatOn: latest(sum.heartbeatOn, lane.heartbeatOn || null),
    }),
    NO_COUNTS,
  );
}

/** The later of two times (ISO 8601 UTC); null counts as never. */
export function latest(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}

/** Records that are dealt with, whatever came of them. */
export function processedOf({ done, failed, skipped }: EndCounts): number {
  return done + failed + skipped;
}

function sumTables(a: EndCounts['byTable'], b: EndCounts['byTable']): EndCounts['byTable'] {
  const sum: Record<string, Omit<TableCounts, 'total'>> = { ...a };
  for (const [table, { done, failed, skipped }] of Object.entries(b)) {
    const before = sum[table] ?? { done: 0, failed: 0, skipped: 0 };
    sum[table] = {
      done: before.done + done,
      failed: before.failed + failed,
      skipped: before.skipped + skipped,
    };
  }
  return sum;
}
