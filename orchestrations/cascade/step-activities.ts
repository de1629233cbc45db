import type { BatchOutcome, Blocker, CascadePlan } from '../../shared/cascade/ports.ts';
import { CHUNKS_PER_BATCH } from '../../shared/jobs/batch-size.ts';
import { type Job, MAX_NAMED_RECORDS } from '../../shared/jobs/job.ts';
import { transition } from '../../shared/jobs/job-transitions.ts';
import { createPermissionCheck } from '../../shared/jobs/permission-check.ts';
import type { StepInput, StepOutput } from './cascade-activities.ts';
import type { CascadeServices } from './cascade-services.ts';

/**
 * The activities that do a cascade's work, a step each. Before anything else a step looks whether the job still wants it:
 * a wish so takes effect at the edge of a batch, and a lane that outlived its orchestration does nothing.
 */
export function createStepActivities(services: CascadeServices) {
  const { jobs, records, access, settings, log } = services;

  /** The job, if it wants a step of this round now. Catches up with the count of retries. */
  async function wanted({ jobId, round, lane, retries }: StepInput): Promise<Job | undefined> {
    const job = await jobs.find(jobId);
    if (job?.status !== 'InProgress' || job.round !== round) return undefined;
    if ((await settings.readSettings()).settings.pauseAllJobs) return undefined;
    if ((job.retries[lane] ?? 0) >= retries) return job;
    const changed = await jobs.change(jobId, (stored) => {
      const counted = transition(stored, { type: 'retried', lane, retries, text: undefined }, nowOn(services));
      return counted && { job: counted };
    });
    return changed?.job.status === 'InProgress' ? changed.job : undefined;
  }

  /** Faults become values: they are decided on like other failures, and their text is for the job's user. */
  async function step(input: StepInput, work: (job: Job) => Promise<StepOutput>): Promise<StepOutput> {
    try {
      const job = await wanted(input);
      return job ? await work(job) : { kind: 'stopped' };
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      log(`Job ${input.jobId}, lane ${input.lane}: ${error instanceof Error ? error.stack : text}`);
      return { kind: 'transient', text: sentence(text) };
    }
  }

  return {
    identifyStep: (input: StepInput) =>
      step(input, async ({ id, plan, cursor }) => {
        const found = await records.identify(plan, cursor ?? undefined);
        if (found.blockers) return blocked(plan, found.blockers);
        const next = found.cursor ?? null;
        const total = found.found;
        await jobs.change(id, (job) => {
          const event = { type: 'found', from: cursor, cursor: next, total, totalByTable: found.byTable } as const;
          const changed = transition(job, event, nowOn(services));
          return changed && { job: changed };
        });
        return { kind: next === null ? 'drained' : 'applied' };
      }),

    applyBatch: (input: StepInput) =>
      step(input, async ({ plan, tokenRole }) => {
        const check = createPermissionCheck(access, plan, tokenRole);
        return toOutput(await records.applyBatch(plan, Number(input.lane), CHUNKS_PER_BATCH, check));
      }),
  };
}

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
