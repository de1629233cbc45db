import type { z } from 'zod';
import { countRecords, noteAndCount } from '../../shared/cascade/jobs/count-records.ts';
import { decideNext, type NextDecision, type NextFacts } from '../../shared/cascade/jobs/decide-next.ts';
import { applyToFailedRecords, failingOf } from '../../shared/cascade/jobs/failed-records.ts';
import type { Job, RecordedCommand } from '../../shared/cascade/jobs/job.ts';
import { type JobEvent, NONE_FAILING, transition } from '../../shared/cascade/jobs/job-transitions.ts';
import { processedOf } from '../../shared/cascade/jobs/progress.ts';
import { freeRoots } from '../../shared/cascade/jobs/start-job.ts';
import type { advanceJob as advanceJobRef, notePause, noteRetry } from './cascade-activities.ts';
import type { CascadeServices } from './cascade-services.ts';

/**
 * The activities that keep a job's books. Each may run twice for one call: what it changes is decided on what is stored,
 * and what was done is not done again.
 */
export function createJobActivities(services: CascadeServices) {
  const { jobs, rootClaims, settings, newId } = services;
  const nowOn = () => new Date(services.now()).toISOString();

  async function note(jobId: string, round: number, event: JobEvent): Promise<Record<string, never>> {
    await jobs.change(jobId, (job) => {
      const changed = job.round === round ? transition(job, event, nowOn()) : undefined;
      return changed && { job: changed };
    });
    return {};
  }

  async function decide(found: Job, given: Pick<NextFacts, 'commands' | 'drained' | 'pauseAllJobs'>) {
    const counts = await (given.drained ? countRecords : noteAndCount)(services.cascadeRecords, found);
    const failing = given.drained && counts.failed > 0 ? await failingOf(services.cascadeRecords, found) : NONE_FAILING;
    const facts = { ...given, counts, failing, processed: processedOf(counts), on: nowOn() };
    // The last call of `decide` is the one that was stored.
    let decision: NextDecision | undefined;
    const changed = await jobs.change(found.id, (job) => {
      decision = decideNext(job, facts);
      const commands = decision.commands.map((command): RecordedCommand => ({ id: newId(), ...command }));
      return { job: decision.job, commands };
    });
    return changed && decision && { job: changed.job, next: decision.next };
  }

  async function advanceJob(input: z.infer<typeof advanceJobRef.input>): Promise<z.infer<typeof advanceJobRef.output>> {
    const { jobId, commands, drained } = input;
    const found = await jobs.find(jobId);
    if (!found) return { next: 'end' };
    const { retry, pauseAllJobs } = (await settings.readSettings()).settings;
    const decided = await decide(found, { commands, drained, pauseAllJobs });
    if (!decided || decided.next === 'end') {
      await freeRoots(rootClaims, found);
      return { next: 'end' };
    }
    if (decided.next === 'applyCommand') {
      await applyToFailedRecords(services.cascadeRecords, decided.job);
      await jobs.change(jobId, (job) => ({ job: transition(job, { type: 'commandApplied' }, nowOn()) ?? job }));
      return advanceJob({ jobId, commands: [], drained: false });
    }
    const { job, next } = decided;
    if (next === 'wait') return { next: 'wait', paused: job.status === 'Paused' };
    const { phase, round, retries, plan } = job;
    return { next: 'run', phase, round, lanes: plan.lanes, retries: { ...retries }, retry };
  }

  return {
    advanceJob,

    noteRetry: ({ jobId, round, lane, retries, text }: z.infer<typeof noteRetry.input>) =>
      note(jobId, round, { type: 'retried', lane, retries, text }),

    async notePause({ jobId, round, lane, retries, reason, text, isFinal }: z.infer<typeof notePause.input>) {
      await note(jobId, round, { type: 'retried', lane, retries, text: undefined });
      return note(jobId, round, { type: 'failing', reason, text, isFinal });
    },
  };
}
