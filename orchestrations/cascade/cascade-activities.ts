/** The activities of a cascade: their names and the forms of what goes in and comes out. */
import { z } from 'zod';
import { EVENT_COMMANDS } from '../../shared/cascade/jobs/decide-next.ts';
import { PRIVILEGE_ACTIONS } from '../../shared/security/privileges.ts';
import { activityRef } from '../activity.ts';

const pauseReasonSchema = z.strictObject({
  code: z.enum([
    'retries-exhausted',
    'missing-privilege',
    'user-disabled',
    'user-removed',
    'permanent-error',
    'circuit-breaker',
    'plugin-failed',
    'plugin-timeout',
    'by-command',
  ]),
  user: z.string().optional(),
  privilege: z.enum(PRIVILEGE_ACTIONS).optional(),
  table: z.string().optional(),
  plugin: z.string().optional(),
  records: z.array(z.string()).readonly().optional(),
});

/** How often and how long apart a failed step is tried again: the setting `retry`. */
export const retrySettingsSchema = z.strictObject({
  maxAttempts: z.number(),
  firstDelaySeconds: z.number(),
  maxDelaySeconds: z.number(),
});

/**
 * What the job wants next. Asked whenever none of its lanes runs: `commands` are raw events that came while it was paused,
 * `drained` tells that the round before left nothing to do.
 */
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
      retry: retrySettingsSchema,
    }),
    z.strictObject({ next: z.literal('wait'), paused: z.boolean() }),
    z.strictObject({ next: z.literal('end') }),
  ]),
);

/** How a step of a lane, or of identifying, went. `stopped`: the job wants no more steps of this round. */
const stepOutputSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('applied') }),
  z.strictObject({ kind: z.literal('drained') }),
  /** Identifying found so little that it was changed at once: nothing is left for the lanes. */
  z.strictObject({ kind: z.literal('finished') }),
  z.strictObject({ kind: z.literal('stopped') }),
  /** `tripped`: it failed, and so did so many of the latest steps of all lanes that the job is better paused. */
  z.strictObject({
    kind: z.literal('transient'),
    text: z.string(),
    tripped: z.strictObject({ failed: z.number(), of: z.number() }).optional(),
  }),
  z.strictObject({
    kind: z.literal('security'),
    code: z.enum(['missing-privilege', 'user-disabled', 'user-removed']),
    text: z.string(),
    user: z.string(),
    missing: z.array(z.strictObject({ privilege: z.enum(PRIVILEGE_ACTIONS), table: z.string() })).readonly(),
  }),
  z.strictObject({
    kind: z.enum(['permanent', 'broken']),
    text: z.string(),
    recordIds: z.array(z.string()).readonly(),
  }),
]);
export type StepOutput = z.infer<typeof stepOutputSchema>;

/** A step belongs to a round: a lane that outlived its parent does nothing in a later one. */
const stepInputSchema = z.strictObject({ jobId: z.string(), round: z.number(), lane: z.string(), retries: z.number() });
export type StepInput = z.infer<typeof stepInputSchema>;

/** One step of identifying, bounded in time. */
export const identifyStep = activityRef('cascadeIdentifyStep', stepInputSchema, stepOutputSchema);

/** One batch of a lane. */
export const applyStep = activityRef('cascadeApplyBatch', stepInputSchema, stepOutputSchema);

/** Tells the job that a lane is about to try again; `retries` is the lane's count so far. */
export const noteRetry = activityRef(
  'cascadeNoteRetry',
  stepInputSchema.extend({ text: z.string() }),
  z.strictObject({}),
);

/** Tells the job that a lane can't go on, which stops the others at the edge of their batches; for good where it `isFinal`. */
export const notePause = activityRef(
  'cascadeNotePause',
  stepInputSchema.extend({ reason: pauseReasonSchema, text: z.string(), isFinal: z.boolean() }),
  z.strictObject({}),
);
