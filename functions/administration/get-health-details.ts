import { performance } from 'node:perf_hooks';
import { z } from 'zod';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { TIMER_NAMES, type TimerRuns } from '../../shared/runs/timer-runs.ts';
import type { SettingsStore } from '../../shared/settings/settings.ts';

export interface HealthDetailsPorts {
  readonly settings: Pick<SettingsStore, 'readSettings'>;
  readonly timerRuns: Pick<TimerRuns, 'list'>;
  /** Asks Service Bus for something; undefined where none is set up. */
  readonly askServiceBus: (() => Promise<unknown>) | undefined;
  /** Since when what has waited longest waits (ISO 8601 UTC), by what it waits for; nothing: none waits. */
  readonly waitingSince: () => Promise<Readonly<Record<Backlog, string | null | undefined>>>;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}

const BACKLOGS = ['upload', 'synchronization', 'events'] as const;
type Backlog = (typeof BACKLOGS)[number];

const milliseconds = z.number().int().min(0).describe('How long one answer took.');

/** Schema of what each part sees. */
const healthDetailsSchema = z.strictObject({
  checkedOn: z.iso.datetime(),
  storage: z.strictObject({ latencyMs: milliseconds }),
  serviceBus: z.strictObject({
    status: z.enum(['ok', 'failing', 'not-set-up']),
    latencyMs: milliseconds.optional(),
    error: z.string().optional().describe('What Service Bus said, where it fails.'),
  }),
  backlogs: z.array(
    z.strictObject({
      of: z.enum(BACKLOGS).describe('upload: P-0001; synchronization: the sync job; events: the outbox.'),
      oldestOn: z.iso.datetime().nullable().describe('Since when what has waited longest waits; null: nothing waits.'),
    }),
  ),
  timers: z.array(
    z.strictObject({
      name: z.enum(TIMER_NAMES),
      lastRunOn: z.iso.datetime().nullable(),
      outcome: z.enum(['done', 'failed']).nullable(),
    }),
  ),
});

/** GET /health/details: how long storage and Service Bus take to answer, what waits since when, when the timers ran last. */
export function getHealthDetails(ports: HealthDetailsPorts): Endpoint {
  const { settings, timerRuns, waitingSince, now } = ports;
  return endpoint({
    name: 'getHealthDetails',
    summary: 'Tell what each part sees: storage, Service Bus, what waits, timers.',
    method: 'GET',
    route: 'health/details',
    roles: ['Administrator'],
    answers: { 200: healthDetailsSchema },
    problems: [],
    async handle() {
      const [{ latencyMs }, serviceBus, since, timers] = await Promise.all([
        timed(() => settings.readSettings()),
        lookAtServiceBus(ports.askServiceBus),
        waitingSince(),
        timerRuns.list(),
      ]);
      const backlogs = BACKLOGS.map((of) => ({ of, oldestOn: since[of] ?? null }));
      const checkedOn = new Date(now()).toISOString();
      return { status: 200, body: { checkedOn, storage: { latencyMs }, serviceBus, backlogs, timers } };
    },
  });
}

async function lookAtServiceBus(
  ask: HealthDetailsPorts['askServiceBus'],
): Promise<z.infer<typeof healthDetailsSchema>['serviceBus']> {
  if (!ask) return { status: 'not-set-up' };
  try {
    return { status: 'ok', ...(await timed(ask)) };
  } catch (error) {
    return { status: 'failing', error: (error as Error).message };
  }
}

async function timed(ask: () => Promise<unknown>): Promise<{ readonly latencyMs: number }> {
  const startMs = performance.now();
  await ask();
  return { latencyMs: Math.round(performance.now() - startMs) };
}
