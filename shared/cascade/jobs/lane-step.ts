/**
 * The steps of a cascade that do its work: one of identifying, or one batch of a lane. Before anything else a step looks
 * whether the job still wants it: a command so takes effect at the edge of a batch, and a lane that outlived its
 * orchestration does nothing. What goes wrong comes back as a value, to be decided on.
 */
import type { Access } from '../../security/access.ts';
import type { Settings, SettingsStore } from '../../settings/settings.ts';
import { mapParallel } from '../../storage/parallel.ts';
import type { CascadePlan } from '../plans.ts';
import type { BatchOutcome, Blocker, CascadeRecords } from '../ports.ts';
import type { LaneOfRound } from './advance-job.ts';
import { chunksOf, type PacedStep, paceAfter, paceOfRound, trippedBy } from './batch-pace.ts';
import type { BatchPaceStore } from './batch-pace-store.ts';
import type { StepOutcome } from './decide-after-step.ts';
import { type Job, MAX_NAMED_RECORDS } from './job.ts';
import type { JobStore } from './job-store.ts';
import { type JobEvent, transition } from './job-transitions.ts';
import { createPermissionCheck, permissionSubject } from './permission-check.ts';

/** What steps work with. */
export interface StepServices {
  readonly jobs: JobStore;
  readonly batchPaces: BatchPaceStore;
  readonly cascadeRecords: CascadeRecords;
  readonly access: Pick<Access, 'principalOfUser'>;
  readonly settings: Pick<SettingsStore, 'readSettings'>;
  /** How often storage was busy so far, as this process saw it. */
  readonly busyCount: () => number;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
  readonly log: (message: string) => void;
}

/** A batch begins no further chunk after so many times its target duration, so that a command never waits long. */
const BATCH_OVERTIME = 1.5;
/** A job of so many records or fewer is changed right after it was identified. */
const SMALL_JOB_RECORDS = 50;

/** A step's outcome, and what it tells about the pace. */
type Measured = { readonly outcome: StepOutcome } & Pick<PacedStep, 'measured'>;

/** One step of identifying, bounded in time; the last one also changes what little it found. */
export function identifyStep(services: StepServices, lane: LaneOfRound): Promise<StepOutcome> {
  const { jobs, cascadeRecords } = services;
  return step(services, lane, async (job, settings) => {
    const { id, plan, cursor } = job;
    if (job.phase !== 'identifying') return applySmallJob(services, job, lane, settings);
    const found = await cascadeRecords.identify(plan, cursor ?? undefined);
    if (found.waitsFor) return { kind: 'transient', text: sentence(found.waitsFor.text) };
    if (found.blockers) return blocked(plan, found.blockers);
    const next = found.cursor ?? null;
    const event = {
      type: 'found',
      from: cursor,
      cursor: next,
      total: found.found,
      totalByTable: found.byTable,
    } as const;
    const changed = await jobs.change(id, (stored) => changeBy(services, stored, event));
    return next === null ? applySmallJob(services, changed?.job, lane, settings) : { kind: 'applied' };
  });
}

/** One batch of a lane. */
export function applyStep(services: StepServices, lane: LaneOfRound): Promise<StepOutcome> {
  return step(services, lane, async (job, settings) => {
    const size = chunksOf(await services.batchPaces.find(job.id));
    const batch = await applyLane(services, job, Number(lane.lane), size, settings);
    if (batch.kind !== 'applied' || batch.drained) return toOutcome(batch);
    return { outcome: toOutcome(batch), measured: { chunks: batch.chunks, durationMs: batch.durationMs } };
  });
}

/** Does a step that the job still wants, and adapts the job's pace to how it went. */
async function step(
  services: StepServices,
  lane: LaneOfRound,
  work: (job: Job, settings: Settings) => Promise<StepOutcome | Measured>,
): Promise<StepOutcome> {
  const { settings, busyCount, log } = services;
  const busyBefore = busyCount();
  let done: Measured;
  let targetMs = 0;
  try {
    const current = (await settings.readSettings()).settings;
    const job = current.pauseAllJobs ? undefined : await wantedJob(services, lane);
    if (!job) return { kind: 'stopped' };
    targetMs = current.batchTargetSeconds * 1000;
    const worked = await work(job, current);
    done = 'outcome' in worked ? worked : { outcome: worked };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    log(`Job ${lane.jobId}, lane ${lane.lane}: ${error instanceof Error ? error.stack : text}`);
    done = { outcome: { kind: 'transient', text: sentence(text) } };
  }
  const { outcome, measured } = done;
  if (targetMs === 0 || outcome.kind === 'security') return outcome;
  return notePace(
    services,
    lane,
    outcome,
    { failed: outcome.kind === 'transient', busy: busyCount() > busyBefore, measured },
    targetMs,
  );
}

/** The job, if it wants a step of this round now. Catches up with the count of retries. */
async function wantedJob(
  services: StepServices,
  { jobId, round, lane, retries }: LaneOfRound,
): Promise<Job | undefined> {
  const job = await services.jobs.find(jobId);
  if (job?.status !== 'InProgress' || job.round !== round) return undefined;
  if ((job.retries[lane] ?? 0) >= retries) return job;
  const event = { type: 'retried', lane, retries, text: undefined } as const;
  const changed = await services.jobs.change(jobId, (stored) => changeBy(services, stored, event));
  return changed?.job.status === 'InProgress' ? changed.job : undefined;
}

/** That the pace couldn't be noted changes nothing about the step. */
async function notePace(
  { batchPaces, log }: StepServices,
  { jobId, round, lane }: LaneOfRound,
  outcome: StepOutcome,
  paced: PacedStep,
  targetMs: number,
): Promise<StepOutcome> {
  try {
    const pace = await batchPaces.change(jobId, (stored) => paceAfter(paceOfRound(stored, round), paced, targetMs));
    return outcome.kind === 'transient' ? { ...outcome, tripped: trippedBy(pace) } : outcome;
  } catch (error) {
    log(`Job ${jobId}, lane ${lane}: its pace couldn't be noted: ${String(error)}`);
    return outcome;
  }
}

function applyLane(
  { cascadeRecords, access }: StepServices,
  { plan, tokenRole }: Job,
  lane: number,
  chunks: number,
  { batchTargetSeconds }: Settings,
): Promise<BatchOutcome> {
  const check = createPermissionCheck(access, permissionSubject(plan), tokenRole);
  return cascadeRecords.applyBatch(plan, lane, chunks, check, batchTargetSeconds * 1000 * BATCH_OVERTIME);
}

/**
 * What a small job found is changed at once, which saves it the orchestrations of its lanes. Whatever stands in the way is
 * left to the lanes, which meet it again and decide on it.
 */
async function applySmallJob(
  services: StepServices,
  job: Job | undefined,
  { round }: LaneOfRound,
  settings: Settings,
): Promise<StepOutcome> {
  const isSmall = job?.status === 'InProgress' && job.round === round && job.total <= SMALL_JOB_RECORDS;
  if (!isSmall) return { kind: 'drained' };
  const lanes = Array.from({ length: job.plan.lanes }, (_, lane) => lane);
  const batches = await mapParallel(lanes, lanes.length, (lane) =>
    applyLane(services, job, lane, SMALL_JOB_RECORDS, settings),
  );
  const isFinished = batches.every((batch) => batch.kind === 'applied' && batch.drained);
  return { kind: isFinished ? 'finished' : 'drained' };
}

function toOutcome(batch: BatchOutcome): StepOutcome {
  switch (batch.kind) {
    case 'applied':
      return { kind: batch.drained ? 'drained' : 'applied' };
    case 'transient':
      return { kind: 'transient', text: sentence(batch.text) };
    case 'security':
      return batch;
    case 'permanent':
    case 'broken':
      return { kind: batch.kind, text: sentence(batch.text), recordIds: batch.recordIds.slice(0, MAX_NAMED_RECORDS) };
  }
}

/** Records that appeared since the request was checked, and forbid it. */
function blocked({ action }: CascadePlan, blockers: readonly Blocker[]): StepOutcome {
  const which = blockers.map(({ relationship, count }) => `${count} by ${relationship}`).join(', ');
  const text = `Related records forbid the ${action}: ${which}. Nothing was changed.`;
  return { kind: 'broken', text, recordIds: blockers.flatMap(({ examples }) => examples) };
}

function changeBy({ now }: StepServices, stored: Job, event: JobEvent): { readonly job: Job } | undefined {
  const job = transition(stored, event, new Date(now()).toISOString());
  return job && { job };
}

const MAX_TEXT_LENGTH = 500;

/** The first line of a text, with a full stop. */
function sentence(text: string): string {
  const line = (text.split('\n', 1)[0] ?? '').trim().slice(0, MAX_TEXT_LENGTH);
  return /[.!?…]$/.test(line) ? line : `${line}.`;
}
