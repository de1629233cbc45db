import type { OrchestrationContext } from 'durable-functions';
import type { Steps } from '../activity.ts';
import { applyStep, identifyStep } from './cascade-activities.ts';
import { runSteps } from './run-steps.ts';

/** A lane: applies batch after batch of its part of the records. */
export function* cascadeLane(context: OrchestrationContext): Steps<unknown> {
  return yield* runSteps(context, applyStep);
}

/** Identifying, before the lanes: finds the records, a bounded step at a time. */
export function* cascadeIdentify(context: OrchestrationContext): Steps<unknown> {
  return yield* runSteps(context, identifyStep);
}
