import type { CascadePlan } from '../plans.ts';
import type { CheckPrivileges, LaneProgress } from '../ports.ts';

/** What became of the records of a run; none fails alone. */
export type SyncCounts = LaneProgress;

/** How a cascade that runs in one transaction is bounded, watched and guarded. */
export interface SyncOptions {
  /** The whole of it, identifying included. */
  readonly deadlineSeconds: number;
  readonly check: CheckPrivileges;
  /** Is told of the set before the first record is locked. */
  readonly onIdentified: (byTable: Readonly<Record<string, number>>) => Promise<void>;
}

/** Cascades that run in one transaction: all records change at the same moment, or none does. */
export interface SyncCascades {
  /**
   * Runs a plan; gives what became of its records. Throws the Problem that stood in its way after everything was rolled
   * back: conflict (with what `differed`), locked, forbidden, transaction-too-long. After any other fault it isn't known
   * how it ended; `stateOf` tells.
   */
  run(plan: CascadePlan, options: SyncOptions): Promise<SyncCounts>;
  /** Ends a run, unless it is committed already: nothing of it will count. Gives the state that it has for good. */
  end(plan: Pick<CascadePlan, 'jobId'>): Promise<'committed' | 'aborted'>;
  /** How a run that nobody hears of any more has ended, or whether it may still go on; it can't once this has said `aborted`. */
  stateOf(run: { readonly jobId: string; readonly startedOn: string }): Promise<'running' | 'committed' | 'aborted'>;
}
