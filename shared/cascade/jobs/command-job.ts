import { Problem } from '../../problem.ts';
import { checkIfMatch } from '../../storage/preconditions.ts';
import type { CascadeRecords } from '../ports.ts';
import { type Job, legalNow, type RecordedCommand } from './job.ts';
import type { JobInstances } from './job-instances.ts';
import type { JobCommand } from './job-status.ts';
import type { JobStore } from './job-store.ts';
import { transition } from './job-transitions.ts';
import { noteAndCount } from './progress.ts';

/** A command for a job. */
export interface CommandRequest {
  readonly jobId: string;
  readonly command: RecordedCommand;
  readonly ifMatch: number | undefined;
}

/** What commanding works with. */
export interface CommandPorts {
  readonly jobs: JobStore;
  readonly cascadeRecords: Pick<CascadeRecords, 'progress' | 'noteApplied'>;
}

/**
 * Commands a job: stores the command together with the change that it makes, then wakes the job's orchestration if that
 * rests. A command that was applied before under its id isn't applied again. Throws Problem not-found, stale-version, and
 * conflict (with the `legalCommands`) where the job's state doesn't allow it.
 */
export async function commandJob(
  { jobs, cascadeRecords }: CommandPorts,
  { jobId, command, ifMatch }: CommandRequest,
  instances: JobInstances,
): Promise<Job> {
  const known = await jobs.find(jobId);
  if (!known) throw noJob(jobId);
  if (await jobs.findCommand(jobId, command.id)) return known;
  const counts = command.command === 'handover' ? await noteAndCount(cascadeRecords, known) : undefined;
  refuseUnnamed(known, command);
  const changed = await jobs.change(jobId, (job) => {
    checkIfMatch({ ifMatch, version: job.version, required: false, what: `job ${jobId}` });
    const next = transition(job, { type: 'command', ...command, counts }, command.on);
    if (!next) throw illegal(job, command.command);
    return { job: next, commands: [command] };
  });
  if (!changed) throw noJob(jobId);
  if (changed.before.idle) await instances.wake(jobId);
  return changed.job;
}

/** The refusal of a job that isn't there, or isn't the caller's to see. */
export function noJob(jobId: string): Problem {
  return new Problem('not-found', `There is no system job ${jobId}.`);
}

/** Throws Problem conflict, with the `legalCommands`, where the job's state doesn't allow the command. */
export function requireLegal(job: Job, command: JobCommand): void {
  if (!legalNow(job).includes(command)) throw illegal(job, command);
}

/** A job that isn't paused any more names nothing: it is refused for that. */
function refuseUnnamed({ id, pauseReason }: Job, { records }: RecordedCommand): void {
  const named = pauseReason?.records;
  const unknown = named && records?.find((record) => !named.includes(record));
  if (unknown === undefined) return;
  throw new Problem(
    'rule-broken',
    `records: job ${id} doesn't name ${unknown} as failing. Its pauseReason.records are those that fail.`,
  );
}

function illegal(job: Job, command: string): Problem {
  const legal = legalNow(job);
  const unnamed = job.status === 'Paused' && ['retry', 'skip'].includes(command);
  const why = unnamed
    ? `names no records that failed, so there is nothing to ${command}`
    : `is ${job.status} and can't ${command}`;
  const may = legal.length > 0 ? `It takes: ${legal.join(', ')}.` : 'It takes no command now.';
  return new Problem('conflict', `Job ${job.id} ${why}. ${may}`, {
    extra: { jobId: job.id, jobStatus: job.status, legalCommands: legal },
  });
}
