/** The activities of a cascade. What they are called and the forms of their outputs stay: running jobs have them in their histories. */
import type { InvocationContext } from '@azure/functions';
import { z } from 'zod';
import {
  type AdvanceServices,
  advanceJob as advance,
  notePause as pause,
  noteRetry as retry,
} from '../../shared/cascade/jobs/advance-job.ts';
import { stepOutcomeSchema } from '../../shared/cascade/jobs/decide-after-step.ts';
import { EVENT_COMMANDS } from '../../shared/cascade/jobs/decide-next.ts';
import { pauseReasonSchema } from '../../shared/cascade/jobs/job.ts';
import {
  applyStep as apply,
  identifyStep as identify,
  type StepServices,
} from '../../shared/cascade/jobs/lane-step.ts';
import { settingsSchema } from '../../shared/settings/settings.ts';
import { activityRef } from '../activity.ts';
import { registerActivity } from '../register-activity.ts';

/** How often and how long apart a failed step is tried again. */
export const retrySchema = settingsSchema.shape.retry;

/** What the job wants next, asked whenever none of its lanes runs. */
export const advanceJob = activityRef(
  'cascadeSettleJob',
  z.strictObject({ jobId: z.string(), commands: z.array(z.enum(EVENT_COMMANDS)), drained: z.boolean() }),
  z.discriminatedUnion('next', [
    z.strictObject({
      next: z.literal('run'),
      phase: z.enum(['identifying', 'applying', 'finishing']),
      round: z.number(),
      lanes: z.number(),
      retries: z.record(z.string(), z.number()),
      retry: retrySchema,
    }),
    z.strictObject({ next: z.literal('wait'), paused: z.boolean() }),
    z.strictObject({ next: z.literal('end') }),
  ]),
);

/** A step belongs to a round: a lane that outlived its parent does nothing in a later one. */
const laneSchema = z.strictObject({ jobId: z.string(), round: z.number(), lane: z.string(), retries: z.number() });

/** One step of identifying, bounded in time. */
export const identifyStep = activityRef('cascadeIdentifyStep', laneSchema, stepOutcomeSchema);

/** One batch of a lane. */
export const applyStep = activityRef('cascadeApplyBatch', laneSchema, stepOutcomeSchema);

const nothing = z.strictObject({});

/** Tells the job that a lane is about to try again; `retries` is the lane's count so far. */
export const noteRetry = activityRef('cascadeNoteRetry', laneSchema.extend({ text: z.string() }), nothing);

/** Tells the job that a lane can't go on, which stops the others at the edge of their batches; for good where it `isFinal`. */
export const notePause = activityRef(
  'cascadeNotePause',
  laneSchema.extend({ reason: pauseReasonSchema, text: z.string(), isFinal: z.boolean() }),
  nothing,
);

/** What the activities work with. */
export type CascadeServices = AdvanceServices & StepServices;

/** The activities, each as its reference above says. */
export function createCascadeActivities(services: CascadeServices) {
  return {
    async advanceJob(input: z.infer<typeof advanceJob.input>): Promise<z.infer<typeof advanceJob.output>> {
      const advanced = await advance(services, input);
      if (!advanced) return { next: 'end' };
      const { status, phase, round, retries, plan } = advanced.job;
      if (advanced.next === 'wait') return { next: 'wait', paused: status === 'Paused' };
      const { retry } = (await services.settings.readSettings()).settings;
      return { next: 'run', phase, round, lanes: plan.lanes, retries: { ...retries }, retry };
    },
    identifyStep: (lane: z.infer<typeof laneSchema>) => identify(services, lane),
    applyStep: (lane: z.infer<typeof laneSchema>) => apply(services, lane),
    async noteRetry({ text, ...lane }: z.infer<typeof noteRetry.input>) {
      await retry(services, lane, text);
      return {};
    },
    async notePause({ reason, text, isFinal, ...lane }: z.infer<typeof notePause.input>) {
      await pause(services, lane, { reason, text, isFinal });
      return {};
    },
  };
}

/** Tells the Functions runtime of the activities. What goes wrong in them is logged by their own invocation. */
export function registerCascadeActivities(services: Omit<CascadeServices, 'log'>): void {
  const at = (context: InvocationContext) =>
    createCascadeActivities({ ...services, log: (message) => context.warn(message) });
  registerActivity(advanceJob, (input, context) => at(context).advanceJob(input));
  registerActivity(identifyStep, (input, context) => at(context).identifyStep(input));
  registerActivity(applyStep, (input, context) => at(context).applyStep(input));
  registerActivity(noteRetry, (input, context) => at(context).noteRetry(input));
  registerActivity(notePause, (input, context) => at(context).notePause(input));
}
