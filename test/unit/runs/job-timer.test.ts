import { InvocationContext, type Timer } from '@azure/functions';
import { describe, expect, it } from 'vitest';
import { createJobTimer } from '../../../functions/timers/job-timer.ts';
import type { Run } from '../../../shared/runs/run.ts';
import type { RunRegistry } from '../../../shared/runs/run-registry.ts';

const NOW = Date.UTC(2026, 2, 2, 12, 5);

/** A timer's life: what it asks of the registry when called. */
async function fire(options: { next: number; timersEnabled?: boolean; lastRunOn?: number; job?: 'P-0001' | '1010' }) {
  const { next, timersEnabled = true, lastRunOn, job = '1010' } = options;
  const asked: string[] = [];
  const registry: Pick<RunRegistry, 'heal' | 'latest' | 'request'> = {
    heal: async () => {
      asked.push('heal');
    },
    latest: async () =>
      lastRunOn === undefined ? undefined : ({ requestedOn: new Date(lastRunOn).toISOString() } as Run),
    request: async (_job, _instances, { whenRunning }) => {
      asked.push(whenRunning);
      return { runId: 'run', outcome: 'started' };
    },
  };
  const handler = createJobTimer(job, {
    runs: registry as RunRegistry,
    readSettings: async () => ({ timersEnabled, schedule: '0 */5 * * * *' }),
    clientOf: () => ({}) as never,
    now: () => NOW,
  });
  const timer = { isPastDue: false, scheduleStatus: { next: new Date(next).toISOString() } } as Timer;
  await handler(timer, new InvocationContext({ logHandler: () => undefined }));
  return asked;
}

describe('A5 A6 A7 a job timer', () => {
  it('starts a run when one is due, and only then', async () => {
    expect(await fire({ next: NOW })).toEqual(['heal', 'leave']);
    expect(await fire({ next: NOW, lastRunOn: NOW - 60_000 })).toEqual(['heal', 'leave']);
    expect(await fire({ next: NOW, lastRunOn: NOW })).toEqual(['heal']);
  });

  it('mends and nothing else while timers are off', async () => {
    expect(await fire({ next: NOW, timersEnabled: false })).toEqual(['heal']);
  });

  it('called by hand joins the run that is under way, where a job can be joined', async () => {
    const byHand = { next: NOW + 30_000, timersEnabled: false, lastRunOn: NOW };
    expect(await fire(byHand)).toEqual(['heal', 'join']);
    expect(await fire({ ...byHand, job: 'P-0001' })).toEqual(['heal', 'leave']);
  });
});
