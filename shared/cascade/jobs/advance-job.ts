/**
 * What a job's orchestration asks of the stored job and tells it. Each of these may run twice for one call: what changes is
 * decided on what is stored, and what was done is not done again.
 */
import type { SettingsStore } from '../../settings/settings.ts';
import type { CascadeRecords } from '../ports.ts';
import { decideNext, type EventCommand, type NextDecision } from './decide-next.ts';
import { applyToFailedRecords, failingOf } from './failed-records.ts';
import type { Job, PauseReason, RecordedCommand } from './job.ts';
import type { JobStore } from './job-store.ts';
import { type JobEvent, NONE_FAILING, transition } from './job-transitions.ts';
import { countRecords, noteAndCount, processedOf } from './progress.ts';
import type { RootClaims } from './root-claims.ts';
import { freeRoots } from './start-job.ts';

/** What advancing a job works with. */
export interface AdvanceServices {
  readonly jobs: JobStore;
  readonly rootClaims: RootClaims;
  readonly cascadeRecords: CascadeRecords;
  readonly settings: Pick<SettingsStore, 'readSettings'>;
  /** Draws the id of a command that came as an event. */
  readonly newId: () => string;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}

/** What has happened since the job was asked last. */
export interface SinceLastAsked {
  readonly jobId: string;
  /** Raw events of the orchestration that came while the job was paused. */
  readonly commands: readonly EventCommand[];
  /** The round before left nothing to do. */
  readonly drained: boolean;
}

/** A lane of a round, and how often it has tried again in all rounds. */
export interface LaneOfRound {
  readonly jobId: string;
  readonly round: number;
  readonly lane: string;
  readonly retries: number;
}

/** Stores what is decided on a job none of whose lanes runs, and says what comes next. Undefined: nothing more does, and its roots are free. */
export async function advanceJob(
  services: AdvanceServices,
  { jobId, commands, drained }: SinceLastAsked,
): Promise<{ readonly job: Job; readonly next: 'run' | 'wait' } | undefined> {
  const { jobs, cascadeRecords, rootClaims } = services;
  const found = await jobs.find(jobId);
  if (!found) return undefined;
  const decided = await decideAndStore(services, found, { commands, drained });
  if (!decided || decided.next === 'end') {
    await freeRoots(rootClaims, found);
    return undefined;
  }
  if (decided.next !== 'applyCommand') return { job: decided.job, next: decided.next };
  await applyToFailedRecords(cascadeRecords, decided.job);
  await jobs.change(jobId, (job) => ({ job: transition(job, { type: 'commandApplied' }, timeOf(services)) ?? job }));
  return advanceJob(services, { jobId, commands: [], drained: false });
}

async function decideAndStore(
  services: AdvanceServices,
  found: Job,
  { commands, drained }: Pick<SinceLastAsked, 'commands' | 'drained'>,
): Promise<Pick<NextDecision, 'job' | 'next'> | undefined> {
  const { jobs, cascadeRecords, settings, newId } = services;
  const { pauseAllJobs } = (await settings.readSettings()).settings;
  const counts = await (drained ? countRecords : noteAndCount)(cascadeRecords, found);
  const failing = drained && counts.failed > 0 ? await failingOf(cascadeRecords, found) : NONE_FAILING;
  const facts = { commands, drained, pauseAllJobs, counts, failing, processed: processedOf(counts) };
  // The last call of `decide` is the one that was stored.
  let decision: NextDecision | undefined;
  const changed = await jobs.change(found.id, (job) => {
    decision = decideNext(job, { ...facts, on: timeOf(services) });
    return {
      job: decision.job,
      commands: decision.commands.map((each): RecordedCommand => ({ id: newId(), ...each })),
    };
  });
  return changed && decision && { job: changed.job, next: decision.next };
}

/** Notes that a lane is about to try again. */
export function noteRetry(services: AdvanceServices, lane: LaneOfRound, text: string | undefined): Promise<void> {
  return noteEvent(services, lane, { type: 'retried', lane: lane.lane, retries: lane.retries, text });
}

/** Notes that a lane can't go on, which stops the others at the edge of their batches; `isFinal`: the job is to end Failed. */
export async function notePause(
  services: AdvanceServices,
  lane: LaneOfRound,
  why: { readonly reason: PauseReason; readonly text: string; readonly isFinal: boolean },
): Promise<void> {
  await noteRetry(services, lane, undefined);
  await noteEvent(services, lane, { type: 'failing', ...why });
}

/** What a lane says counts in its own round alone. */
async function noteEvent(services: AdvanceServices, { jobId, round }: LaneOfRound, event: JobEvent): Promise<void> {
  await services.jobs.change(jobId, (job) => {
    const changed = job.round === round ? transition(job, event, timeOf(services)) : undefined;
    return changed && { job: changed };
  });
}

function timeOf({ now }: AdvanceServices): string {
  return new Date(now()).toISOString();
}
