import { describe, expect, it } from 'vitest';
import {
  JOB_STATUSES,
  type JobCommand,
  type JobMove,
  type JobStatus,
  legalCommands,
  moved,
  STATUS,
} from '../../../../shared/cascade/jobs/job-status.ts';

describe('C13 the states of a system job', () => {
  it.each([
    ['Waiting', 'In Progress', '0/0', ['cancel']],
    ['InProgress', 'In Progress', '2/20', ['pause', 'cancel']],
    ['Pausing', 'In Progress', '2/21', ['cancel']],
    ['Canceling', 'In Progress', '2/22', []],
    ['Paused', 'Failed', '1/10', ['resume', 'cancel', 'handover']],
    ['Completed', 'Completed', '3/30', ['undo']],
    ['Failed', 'Failed', '3/31', ['rerun', 'undo']],
    ['Canceled', 'Failed', '3/32', ['rerun', 'undo']],
  ] as const)('%s is shown as %s, has codes %s and takes %j', (status, label, codes, legal) => {
    const traits = STATUS[status];
    expect(traits.label).toBe(label);
    expect(`${traits.stateCode}/${traits.statusCode}`).toBe(codes);
    expect(legalCommands(status, false)).toEqual(legal);
  });

  it('retry and skip are legal for a paused job that names records, and nowhere else', () => {
    expect(legalCommands('Paused', true)).toEqual(['resume', 'cancel', 'handover', 'retry', 'skip']);
    const others = JOB_STATUSES.filter((status) => status !== 'Paused');
    expect(others.filter((status) => legalCommands(status, true).includes('retry'))).toEqual([]);
  });

  it('a command is legal exactly where there is a way for it', () => {
    const commands: JobCommand[] = ['pause', 'resume', 'retry', 'skip', 'cancel', 'handover', 'rerun', 'undo'];
    for (const command of commands) {
      const ways = JOB_STATUSES.filter((status) => moved(status, command) !== undefined);
      const legal = JOB_STATUSES.filter((status) => legalCommands(status, true).includes(command));
      expect(ways, command).toEqual(legal);
    }
  });
});

describe('moves between states', () => {
  const MOVES: JobMove[] = [
    'run',
    'pauseAll',
    'failing',
    'stopped',
    'drained',
    'broken',
    'pause',
    'resume',
    'cancel',
    'handover',
    'retry',
    'skip',
    'rerun',
    'undo',
  ];

  it('never lead out of an ended state', () => {
    const ended = JOB_STATUSES.filter((status) => STATUS[status].ended);
    expect(ended).toEqual(['Completed', 'Failed', 'Canceled']);
    for (const status of ended)
      expect(MOVES.map((move) => moved(status, move) ?? status)).toEqual(MOVES.map(() => status));
  });

  it('lead from Canceling to Canceled alone', () => {
    const ways = MOVES.map((move) => moved('Canceling', move)).filter((status) => status !== undefined);
    expect(new Set(ways)).toEqual(new Set(['Canceled']));
  });

  it('reach every state from the first, and an end from every state', () => {
    const next = (status: JobStatus) => MOVES.flatMap((move) => moved(status, move) ?? []);
    const reach = (from: JobStatus): Set<JobStatus> => {
      const seen = new Set([from]);
      for (const status of seen) for (const other of next(status)) seen.add(other);
      return seen;
    };
    expect([...reach('Waiting')].sort()).toEqual([...JOB_STATUSES].sort());
    for (const status of JOB_STATUSES) expect([...reach(status)].some((other) => STATUS[other].ended)).toBe(true);
  });
});
