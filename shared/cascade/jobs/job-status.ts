/**
 * The states of a system job: one table of what each is called outside, and one of what leads from state to state. Code,
 * API and tests read the same two. Invariants:
 *
 *  STATUS-1  An ended state (Completed, Failed, Canceled) is never left; rerun and undo only note that a new job was
 *      made.
 *  STATUS-2  A command is legal exactly where the table of moves has a way for it.
 *  STATUS-3  Cancel outranks all else: from Canceling every way leads to Canceled.
 */

/** All states. */
export const JOB_STATUSES = [
  'Waiting',
  'InProgress',
  'Pausing',
  'Canceling',
  'Paused',
  'Completed',
  'Failed',
  'Canceled',
] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** What people can ask of a job. */
export const JOB_COMMANDS = ['pause', 'resume', 'retry', 'skip', 'cancel', 'handover', 'rerun', 'undo'] as const;
export type JobCommand = (typeof JOB_COMMANDS)[number];

/** How a state is shown, and what may be asked of a job in it. */
export interface StatusTraits {
  /** In the view "Cascade Operations". */
  readonly label: 'In Progress' | 'Completed' | 'Failed';
  readonly stateCode: 0 | 1 | 2 | 3;
  readonly statusCode: number;
  readonly legal: readonly JobCommand[];
  /** Nothing more happens to the job, and its root is free. */
  readonly ended: boolean;
}

/** How each state is shown, and what is legal in it. */
export const STATUS: Readonly<Record<JobStatus, StatusTraits>> = {
  Waiting: { label: 'In Progress', stateCode: 0, statusCode: 0, legal: ['cancel'], ended: false },
  InProgress: { label: 'In Progress', stateCode: 2, statusCode: 20, legal: ['pause', 'cancel'], ended: false },
  Pausing: { label: 'In Progress', stateCode: 2, statusCode: 21, legal: ['cancel'], ended: false },
  Canceling: { label: 'In Progress', stateCode: 2, statusCode: 22, legal: [], ended: false },
  Paused: {
    label: 'Failed',
    stateCode: 1,
    statusCode: 10,
    legal: ['resume', 'cancel', 'handover', 'retry', 'skip'],
    ended: false,
  },
  Completed: { label: 'Completed', stateCode: 3, statusCode: 30, legal: ['undo'], ended: true },
  Failed: { label: 'Failed', stateCode: 3, statusCode: 31, legal: ['rerun', 'undo'], ended: true },
  Canceled: { label: 'Failed', stateCode: 3, statusCode: 32, legal: ['rerun', 'undo'], ended: true },
};

/**
 * What happens to a job. `run`: a round of work begins. `pauseAll`: all jobs are to wait. `failing`: a lane can't go on.
 * `stopped`: no lane runs any more. `drained`: no lane has anything left. `broken`: nobody works on the job any more.
 */
export type JobMove = 'run' | 'pauseAll' | 'failing' | 'stopped' | 'drained' | 'broken' | JobCommand;

const MOVES: Readonly<Record<JobMove, Readonly<Partial<Record<JobStatus, JobStatus>>>>> = {
  run: { Waiting: 'InProgress', InProgress: 'InProgress' },
  pauseAll: { Waiting: 'Waiting', InProgress: 'Waiting' },
  failing: { InProgress: 'Pausing', Pausing: 'Pausing' },
  stopped: { Pausing: 'Paused', Canceling: 'Canceled' },
  drained: { InProgress: 'Completed', Pausing: 'Completed', Canceling: 'Canceled' },
  broken: { Waiting: 'Failed', InProgress: 'Failed', Pausing: 'Failed', Paused: 'Failed', Canceling: 'Canceled' },
  pause: { InProgress: 'Pausing' },
  resume: { Paused: 'InProgress' },
  retry: { Paused: 'InProgress' },
  skip: { Paused: 'InProgress' },
  cancel: { Waiting: 'Canceling', InProgress: 'Canceling', Pausing: 'Canceling', Paused: 'Canceling' },
  handover: { Paused: 'Canceled' },
  rerun: { Failed: 'Failed', Canceled: 'Canceled' },
  undo: { Completed: 'Completed', Failed: 'Failed', Canceled: 'Canceled' },
};

/** Where a move leads from a state; undefined where it may not happen. */
export function moved(status: JobStatus, move: JobMove): JobStatus | undefined {
  return MOVES[move][status];
}

/** What may be asked of a job now. `retry` and `skip` are about records that the job names as failing; a synchronous job takes none before its end. */
export function legalCommands(
  status: JobStatus,
  namesRecords: boolean,
  mode: 'sync' | 'async' = 'async',
): JobCommand[] {
  if (mode === 'sync' && !STATUS[status].ended) return [];
  return STATUS[status].legal.filter((command) => namesRecords || !['retry', 'skip'].includes(command));
}
