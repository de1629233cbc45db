/**
 * What a job's orchestration does next, decided whenever none of its lanes runs: at its start, after each round, and when
 * it is woken. Pure. Cancel outranks resume, resume outranks skip, and a command outranks a setting.
 */
import type { EndCounts, Job, RecordedCommand } from './job.ts';
import { STATUS } from './job-status.ts';
import { type FailingRecords, transition } from './job-transitions.ts';

/** A job that nobody resumes for so long ends Failed. */
export const PAUSED_LIMIT_MS = 30 * 24 * 60 * 60 * 1000;

/** Author of commands that came as raw events of the orchestration. */
const BY_EVENT = 'durable-event';

/** Raw events of the orchestration that count as commands; an earlier one outranks a later one. */
export const EVENT_COMMANDS = ['cancel', 'resume', 'skip'] as const;
export type EventCommand = (typeof EVENT_COMMANDS)[number];

/** What is decided on. */
export interface NextFacts {
  /** Commands that came as raw events while the job was paused. */
  readonly commands: readonly EventCommand[];
  /** Whether the round that just ended left nothing to do. */
  readonly drained: boolean;
  /** Setting `pauseAllJobs`. */
  readonly pauseAllJobs: boolean;
  readonly counts: EndCounts;
  /** Records that failed, if the round that just ended left nothing to do. */
  readonly failing: FailingRecords;
  readonly processed: number;
  readonly on: string;
}

/** What was decided. */
export interface NextDecision {
  readonly job: Job;
  /** `run`: begin a round. `applyCommand`: apply the command for failed records, then ask again. `wait`: until woken. `end`: nothing more happens. */
  readonly next: 'run' | 'applyCommand' | 'wait' | 'end';
  /** The raw events that became commands. */
  readonly commands: readonly Pick<RecordedCommand, 'command' | 'by' | 'on'>[];
}

/** Decides. `job` is as stored; what comes back is to be stored in its place. */
export function decideNext(stored: Job, facts: NextFacts): NextDecision {
  const { job: commanded, commands } = applyEventCommand(stored, facts);
  const job = leaveTransientStates(commanded, facts);
  if (STATUS[job.status].ended) return { job, next: 'end', commands };
  if (job.failedRecordsCommand) return { job, next: 'applyCommand', commands };
  if (job.status === 'Paused') return { job, next: 'wait', commands };
  if (facts.pauseAllJobs)
    return { job: transition(job, { type: 'pauseAll' }, facts.on) ?? job, next: 'wait', commands };
  const run = transition(job, { type: 'run', processed: facts.processed }, facts.on);
  return { job: run ?? job, next: run ? 'run' : 'wait', commands };
}

function applyEventCommand(stored: Job, { commands: asked, on }: NextFacts): Pick<NextDecision, 'job' | 'commands'> {
  for (const command of EVENT_COMMANDS) {
    if (!asked.includes(command)) continue;
    const job = transition(stored, { type: 'command', command, by: BY_EVENT }, on);
    if (job) return { job, commands: [{ command, by: BY_EVENT, on }] };
  }
  return { job: stored, commands: [] };
}

/** Brings a job whose lanes have returned out of the states that only last until then. */
function leaveTransientStates(stored: Job, { drained, counts, failing, on }: NextFacts): Job {
  let job = stored;
  if (drained) job = transition(job, { type: 'drained', counts, failing }, on) ?? job;
  if (job.status === 'Pausing' || job.status === 'Canceling') {
    job = transition(job, { type: 'stopped', counts }, on) ?? job;
  }
  if (job.status === 'Paused' && job.pausedOn !== null && Date.parse(on) - Date.parse(job.pausedOn) > PAUSED_LIMIT_MS) {
    const text = 'Nobody resumed it for 30 days. Run it again if it is still wanted.';
    job = transition(job, { type: 'broken', text }, on) ?? job;
  }
  return job;
}
