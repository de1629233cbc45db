import type { z } from 'zod';
import { countRecords, countSettled } from '../../shared/cascade/jobs/count-records.ts';
import { failingOf, tend } from '../../shared/cascade/jobs/failed-records.ts';
import type { Job, RecordedCommand } from '../../shared/cascade/jobs/job.ts';
import { type JobEvent, NONE_FAILING, transition } from '../../shared/cascade/jobs/job-transitions.ts';
import { processedOf } from '../../shared/cascade/jobs/progress.ts';
import { type Settled, type SettleFacts, settle } from '../../shared/cascade/jobs/settle.ts';
import { freeRoots } from '../../shared/cascade/jobs/start-job.ts';
import type { notePause, noteRetry, settleJob as settleJobRef } from './cascade-activities.ts';
import type { CascadeServices } from './cascade-services.ts';

/**
 * The activities that keep a job's books. Each may run twice for one call: what it changes is decided on what is stored,
 * and what was done is not done again.
 */
export function createJobActivities(services: CascadeServices) {
  const { jobs, roots, settings, newId } = services;
  const nowOn = () => new Date(services.now()).toISOString();

  async function note(jobId: string, round: number, event: JobEvent): Promise<Record<string, never>> {
    await jobs.change(jobId, (job) => {
      const changed = job.round === round ? transition(job, event, nowOn()) : undefined;
      return changed && { job: changed };
    });
    return {};
  }

  async function decideNext(found: Job, given: Pick<SettleFacts, 'wishes' | 'drained' | 'holdAll'>) {
    const counts = await (given.drained ? countRecords : countSettled)(services.records, found);
    const failing = given.drained && counts.failed > 0 ? await failingOf(services.records, found) : NONE_FAILING;
    const facts = { ...given, counts, failing, processed: processedOf(counts), on: nowOn() };
    // The last call of `decide` is the one that was stored.
    let settled: Settled | undefined;
    const changed = await jobs.change(found.id, (job) => {
      settled = settle(job, facts);
      const commands = settled.commands.map((command): RecordedCommand => ({ id: newId(), ...command }));
      return { job: settled.job, commands };
    });
    return changed && settled && { job: changed.job, next: settled.next };
  }

  async function settleJob(input: z.infer<typeof settleJobRef.input>): Promise<z.infer<typeof settleJobRef.output>> {
    const { jobId, wishes, drained } = input;
    const found = await jobs.find(jobId);
    if (!found) return { next: 'end' };
    const { retry, pauseAllJobs } = (await settings.readSettings()).settings;
    const decided = await decideNext(found, { wishes, drained, holdAll: pauseAllJobs });
    if (!decided || decided.next === 'end') {
      await freeRoots(roots, found);
      return { next: 'end' };
    }
    if (decided.next === 'tend') {
      await tend(services.records, decided.job);
      await jobs.change(jobId, (job) => ({ job: transition(job, { type: 'tended' }, nowOn()) ?? job }));
      return settleJob({ jobId, wishes: [], drained: false });
    }
    const { job, next } = decided;
    if (next === 'wait') return { next: 'wait', paused: job.status === 'Paused' };
    const { phase, round, retries, plan } = job;
    return { next: 'run', phase, round, lanes: plan.lanes, retries: { ...retries }, retry };
  }

  return {
    settleJob,

    noteRetry: ({ jobId, round, lane, retries, text }: z.infer<typeof noteRetry.input>) =>
      note(jobId, round, { type: 'retried', lane, retries, text }),

    async notePause({ jobId, round, lane, retries, reason, text, isFinal }: z.infer<typeof notePause.input>) {
      await note(jobId, round, { type: 'retried', lane, retries, text: undefined });
      return note(jobId, round, { type: 'failing', reason, text, isFinal });
    },
  };
}
