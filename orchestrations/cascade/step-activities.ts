import { chunksOf, type PacedStep, paceAfter, paceOfRound, trippedBy } from '../../shared/cascade/jobs/batch-pace.ts';
import { type Job, MAX_NAMED_RECORDS } from '../../shared/cascade/jobs/job.ts';
import { transition } from '../../shared/cascade/jobs/job-transitions.ts';
import { createPermissionCheck, permissionSubject } from '../../shared/cascade/jobs/permission-check.ts';
import type { CascadePlan } from '../../shared/cascade/plans.ts';
import type { BatchOutcome, Blocker } from '../../shared/cascade/ports.ts';
import type { Settings } from '../../shared/settings/settings.ts';
import { mapParallel } from '../../shared/storage/parallel.ts';
import type { StepInput, StepOutput } from './cascade-activities.ts';
import type { CascadeServices } from './cascade-services.ts';

/** A batch begins no further chunk after so many times its target duration, so that a command never waits long. */
const BATCH_OVERTIME = 1.5;
/** A job of so many records or fewer is changed right after it was identified. */
const SMALL_JOB_RECORDS = 50;

/**
 * The activities that do a cascade's work, a step each. Before anything else a step looks whether the job still wants it:
 * so a command takes effect at the edge of a batch, and a lane that outlived its orchestration does nothing.
 */
export function createStepActivities(services: CascadeServices) {
  const { jobs, batchPaces, cascadeRecords, access, settings, busyCount, log } = services;

  /** The job, if it wants a step of this round now. Catches up with the count of retries. */
  async function wanted({ jobId, round, lane, retries }: StepInput, { pauseAllJobs }: Settings) {
    if (pauseAllJobs) return undefined;
    const job = await jobs.find(jobId);
    if (job?.status !== 'InProgress' || job.round !== round) return undefined;
    if ((job.retries[lane] ?? 0) >= retries) return job;
    const changed = await jobs.change(jobId, (stored) => {
      const counted = transition(stored, { type: 'retried', lane, retries, text: undefined }, nowOn(services));
      return counted && { job: counted };
    });
    return changed?.job.status === 'InProgress' ? changed.job : undefined;
  }

  /** Faults become values: they are decided on like other failures, and their text is for the job's user. */
  async function trying({ jobId, lane }: StepInput, work: () => Promise<WorkedStep>): Promise<WorkedStep> {
    try {
      return await work();
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      log(`Job ${jobId}, lane ${lane}: ${error instanceof Error ? error.stack : text}`);
      return { output: { kind: 'transient', text: sentence(text) } };
    }
  }

  async function step(
    input: StepInput,
    work: (job: Job, settings: Settings) => Promise<WorkedStep>,
  ): Promise<StepOutput> {
    const busyBefore = busyCount();
    let targetMs: number | undefined;
    const { output, measured } = await trying(input, async () => {
      const current = (await settings.readSettings()).settings;
      const job = await wanted(input, current);
      if (!job) return { output: { kind: 'stopped' } };
      targetMs = current.batchTargetSeconds * 1000;
      return work(job, current);
    });
    if (targetMs === undefined || output.kind === 'security') return output;
    const failed = output.kind === 'transient';
    return noted(input, output, { failed, busy: busyCount() > busyBefore, measured }, targetMs);
  }

  /** Adapts the job's pace to a step. That it couldn't be noted changes nothing about the step. */
  async function noted(
    { jobId, round, lane }: StepInput,
    output: StepOutput,
    step: PacedStep,
    targetMs: number,
  ): Promise<StepOutput> {
    try {
      const pace = await batchPaces.change(jobId, (stored) => paceAfter(paceOfRound(stored, round), step, targetMs));
      return output.kind === 'transient' ? { ...output, tripped: trippedBy(pace) } : output;
    } catch (error) {
      log(`Job ${jobId}, lane ${lane}: its pace couldn't be noted: ${String(error)}`);
      return output;
    }
  }

  function applyLane({ plan, tokenRole }: Job, lane: number, chunks: number, { batchTargetSeconds }: Settings) {
    const check = createPermissionCheck(access, permissionSubject(plan), tokenRole);
    return cascadeRecords.applyBatch(plan, lane, chunks, check, batchTargetSeconds * 1000 * BATCH_OVERTIME);
  }

  /**
   * After identifying: what a small job found is changed at once, which saves it the lanes. Whatever stands in
   * the way is left to the lanes, which meet it again and decide on it.
   */
  async function afterIdentifying(job: Job | undefined, { round }: StepInput, current: Settings): Promise<WorkedStep> {
    const isSmall = job?.status === 'InProgress' && job.round === round && job.total <= SMALL_JOB_RECORDS;
    if (!isSmall) return { output: { kind: 'drained' } };
    const lanes = Array.from({ length: job.plan.lanes }, (_, lane) => lane);
    const outcomes = await mapParallel(lanes, lanes.length, (lane) => applyLane(job, lane, SMALL_JOB_RECORDS, current));
    const isFinished = outcomes.every((outcome) => outcome.kind === 'applied' && outcome.drained);
    return { output: { kind: isFinished ? 'finished' : 'drained' } };
  }

  return {
    identifyStep: (input: StepInput) =>
      step(input, async (job, current) => {
        const { id, plan, cursor } = job;
        if (job.phase !== 'identifying') return afterIdentifying(job, input, current);
        const found = await cascadeRecords.identify(plan, cursor ?? undefined);
        if (found.waitsFor !== undefined) return { output: { kind: 'transient', text: sentence(found.waitsFor.text) } };
        if (found.blockers) return { output: blocked(plan, found.blockers) };
        const next = found.cursor ?? null;
        const total = found.found;
        const changed = await jobs.change(id, (job) => {
          const event = { type: 'found', from: cursor, cursor: next, total, totalByTable: found.byTable } as const;
          const moved = transition(job, event, nowOn(services));
          return moved && { job: moved };
        });
        if (next !== null) return { output: { kind: 'applied' } };
        return afterIdentifying(changed?.job, input, current);
      }),

    applyStep: (input: StepInput) =>
      step(input, async (job, current) => {
        const size = chunksOf(await batchPaces.find(job.id));
        const outcome = await applyLane(job, Number(input.lane), size, current);
        if (outcome.kind !== 'applied' || outcome.drained) return { output: toOutput(outcome) };
        const { chunks, durationMs } = outcome;
        return { output: toOutput(outcome), measured: { chunks, durationMs } };
      }),
  };
}

/** A step's output, and what it tells about the pace. */
type WorkedStep = { readonly output: StepOutput } & Pick<PacedStep, 'measured'>;

function toOutput(outcome: BatchOutcome): StepOutput {
  switch (outcome.kind) {
    case 'applied':
      return { kind: outcome.drained ? 'drained' : 'applied' };
    case 'transient':
      return { kind: 'transient', text: sentence(outcome.text) };
    case 'security': {
      const { kind, code, text, user, missing } = outcome;
      return { kind, code, text, user, missing: [...missing] };
    }
    case 'permanent':
    case 'broken':
      return {
        kind: outcome.kind,
        text: sentence(outcome.text),
        recordIds: outcome.recordIds.slice(0, MAX_NAMED_RECORDS),
      };
  }
}

/** Records that appeared since the request was checked, and forbid it. */
function blocked({ action }: CascadePlan, blockers: readonly Blocker[]): StepOutput {
  const which = blockers.map(({ relationship, count }) => `${count} by ${relationship}`).join(', ');
  const text = `Related records forbid the ${action}: ${which}. Nothing was changed.`;
  return { kind: 'broken', text, recordIds: blockers.flatMap(({ examples }) => examples) };
}

function nowOn({ now }: CascadeServices): string {
  return new Date(now()).toISOString();
}

const MAX_TEXT_LENGTH = 500;

/** The first line of a text, with a full stop. */
function sentence(text: string): string {
  const line = (text.split('\n', 1)[0] ?? '').trim().slice(0, MAX_TEXT_LENGTH);
  return /[.!?…]$/.test(line) ? line : `${line}.`;
}
