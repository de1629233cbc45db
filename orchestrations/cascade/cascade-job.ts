/**
 * A cascade in batches, from its start to its end:
 *
 *   identify the records → lanes apply them, batch by batch → decide → wait for `resume`, `skip` or `cancel` → … → end
 *
 * The orchestration holds no knowledge of its own: whenever none of its lanes runs it asks what the stored job wants next
 * (`advanceJob`), so that it can be started anew at any time. Invariants:
 *
 *  ORCHESTRATION-1  The job's orchestration never continues as new (events that nobody has taken would be lost). Its history
 *                   grows by rounds, and by looks at the job that become rarer the longer it waits.
 *  ORCHESTRATION-2  It ends only after all lanes of the round have returned, whatever became of them.
 *  ORCHESTRATION-3  A command is stored with the job; the event only makes it look. Raw events count only while the job is
 *                   paused.
 *  ORCHESTRATION-4  Lanes continue as new and never wait for events: a command is met by the next step, which looks at the
 *                   job before it does anything.
 */
import { app, type OrchestrationContext, type Task } from 'durable-functions';
import { z } from 'zod';
import { decideAfterStep, type StepOutcome } from '../../shared/cascade/jobs/decide-after-step.ts';
import { EVENT_COMMANDS } from '../../shared/cascade/jobs/decide-next.ts';
import { JOB_ORCHESTRATION, WAKE_EVENT } from '../../shared/cascade/jobs/job-instances.ts';
import { callActivityOnce, callPersistently, errorText, type Steps, waitSeconds } from '../activity.ts';
import {
  advanceJob,
  applyStep,
  type CascadeServices,
  identifyStep,
  notePause,
  noteRetry,
  registerCascadeActivities,
  retrySchema,
} from './cascade-activities.ts';
import { EventWaiters } from './event-waiters.ts';

/** Name of the orchestration that identifies. A format: running jobs name it in their histories. */
const IDENTIFY_ORCHESTRATION = 'cascadeIdentify';
/** Name of the orchestration of a lane. A format, too. */
const LANE_ORCHESTRATION = 'cascadeLane';

/** `wake` says that the stored job has changed; the others are for whoever talks to the orchestration directly. */
const EVENTS = [WAKE_EVENT, 'resume', 'skip', 'cancel'] as const;
type Events = EventWaiters<(typeof EVENTS)[number]>;

/** A waiting job is looked at after this time without an event, and each time after twice as long. */
const FIRST_LOOK_SECONDS = 5;
const LONGEST_LOOK_SECONDS = 12 * 60 * 60;
/** Steps in one execution of a lane; the history of a longer one would slow down each turn. */
const STEPS_PER_EXECUTION = 50;

/** What the job wants: a round of work, to wait, or nothing more. */
type Next = z.infer<typeof advanceJob.output>;
type Round = Extract<Next, { next: 'run' }>;

/** Tells the Functions runtime of the orchestrations and activities of cascades. To be called once, at the start. */
export function registerCascade(services: Omit<CascadeServices, 'log'>): void {
  app.orchestration(JOB_ORCHESTRATION, cascadeJob);
  app.orchestration(IDENTIFY_ORCHESTRATION, cascadeIdentify);
  app.orchestration(LANE_ORCHESTRATION, cascadeLane);
  registerCascadeActivities(services);
}

/** The orchestrator of a job: rounds of work, with waits in between. */
export function* cascadeJob(context: OrchestrationContext): Steps<unknown> {
  const { jobId } = z.object({ jobId: z.string() }).parse(context.df.getInput());
  const events: Events = new EventWaiters(context, EVENTS);
  let next = yield* callPersistently(context, advanceJob, { jobId, commands: [], drained: false });
  while (next.next !== 'end') {
    if (next.next === 'wait') next = yield* waitForCommand(context, jobId, events, next);
    else {
      const drained = yield* runRound(context, jobId, next);
      if (!drained) yield* events.forgetEarly();
      next = yield* callPersistently(context, advanceJob, { jobId, commands: [], drained });
    }
  }
  return undefined;
}

/** Waits until the job wants something. Events that come before a round has begun still count, so that a cancel outranks a resume. */
function* waitForCommand(
  context: OrchestrationContext,
  jobId: string,
  events: Events,
  waiting: Extract<Next, { next: 'wait' }>,
): Steps<Next> {
  let seconds = FIRST_LOOK_SECONDS;
  let next: Next = waiting;
  let { paused } = waiting;
  let fired = events.take();
  for (;;) {
    if (fired.length === 0) {
      if (next.next !== 'wait') return next;
      yield* events.wait(seconds);
      seconds = Math.min(seconds * 2, LONGEST_LOOK_SECONDS);
      fired = events.take();
    }
    const commands = EVENT_COMMANDS.filter((name) => paused && fired.includes(name));
    next = yield* callPersistently(context, advanceJob, { jobId, commands, drained: false });
    if (next.next === 'end') return next;
    if (next.next === 'wait') paused = next.paused;
    fired = events.take();
  }
}

/** One round: identifies, unless that is done, then runs the lanes. True when nothing is left to do. */
function* runRound(context: OrchestrationContext, jobId: string, round: Round): Steps<boolean> {
  if (round.phase === 'identifying') {
    const [identified] = yield* runLanes(context, jobId, round, IDENTIFY_ORCHESTRATION, ['identify']);
    if (identified === 'finished') return true;
    if (identified !== 'drained') return false;
  }
  const lanes = Array.from({ length: round.lanes }, (_, lane) => String(lane));
  const results = yield* runLanes(context, jobId, round, LANE_ORCHESTRATION, lanes);
  return results.every((result) => result === 'drained');
}

/** Runs child orchestrations at the same time, until all have returned. */
function* runLanes(
  context: OrchestrationContext,
  jobId: string,
  { round, retries, retry }: Round,
  orchestration: string,
  lanes: readonly string[],
): Steps<LaneResult[]> {
  const children = lanes.map((lane) => {
    const state: LaneState = { jobId, lane, round, failures: 0, retries: retries[lane] ?? 0, retry };
    return context.df.callSubOrchestrator(orchestration, state, `${jobId}:${lane}:${round}`);
  });
  try {
    yield context.df.Task.all(children);
  } catch {
    // The first failure is told before the others have returned: each is asked below.
  }
  const results: LaneResult[] = [];
  for (const [at, child] of children.entries()) {
    results.push(yield* resultOf(context, child, { jobId, round, lane: lanes[at] ?? '' }));
  }
  return results;
}

/** A child fails only by a fault of ours or of the host; the job then pauses, so that a person decides. */
function* resultOf(
  context: OrchestrationContext,
  child: Task,
  of: { readonly jobId: string; readonly round: number; readonly lane: string },
): Steps<LaneResult> {
  try {
    return laneResultSchema.parse(yield child);
  } catch (error) {
    const text = `Lane ${of.lane} broke: ${errorText(error)}`;
    const reason = { code: 'retries-exhausted' } as const;
    yield* callPersistently(context, notePause, { ...of, retries: 0, reason, text, isFinal: false });
    return 'stopped';
  }
}

/** Input of a lane, and what it carries from execution to execution. */
const laneStateSchema = z.strictObject({
  jobId: z.string(),
  /** Number of the lane; `identify` for identifying. */
  lane: z.string(),
  round: z.number(),
  /** Attempts at the step at hand that have failed. */
  failures: z.number(),
  /** Retries of this lane in all rounds. */
  retries: z.number(),
  retry: retrySchema,
});
type LaneState = z.infer<typeof laneStateSchema>;

/** `finished`: by identifying, and the lanes need not run. `stopped`: by a command, or because it failed and has told the job why. */
const laneResultSchema = z.enum(['drained', 'finished', 'stopped']);
type LaneResult = z.infer<typeof laneResultSchema>;

/** Finds the records of a job, a step bounded in time after the other. */
export function* cascadeIdentify(context: OrchestrationContext): Steps<unknown> {
  return yield* runSteps(context, identifyStep);
}

/** A lane: applies batch after batch of its part of the records. */
export function* cascadeLane(context: OrchestrationContext): Steps<unknown> {
  return yield* runSteps(context, applyStep);
}

/** Step after step, and after each a decision, until the lane is at its end, or for one execution's worth of steps. */
function* runSteps(context: OrchestrationContext, step: typeof applyStep): Steps<LaneResult | undefined> {
  let state = laneStateSchema.parse(context.df.getInput());
  for (let count = 0; count < STEPS_PER_EXECUTION; count++) {
    const { failures, retry, ...lane } = state;
    const decision = decideAfterStep(yield* tryStep(context, step, lane), failures + 1, retry);
    switch (decision.kind) {
      case 'next':
        state = { ...state, failures: 0 };
        break;
      case 'wait':
        state = { ...state, failures: failures + 1, retries: lane.retries + 1 };
        yield* tell(context, { ...lane, retries: state.retries, text: decision.text });
        // A timer of the orchestration, and not the engine's own retry, so that each retry is told to the job.
        yield* waitSeconds(context, decision.seconds);
        break;
      case 'pause':
      case 'fail': {
        const { kind, reason, text } = decision;
        yield* callPersistently(context, notePause, { ...lane, reason, text, isFinal: kind === 'fail' });
        return 'stopped';
      }
      case 'end':
        return decision.result;
    }
  }
  context.df.continueAsNew(state);
  return undefined;
}

/** A step that throws (its host died, storage was away) is tried again like one that says so. */
function* tryStep(
  context: OrchestrationContext,
  step: typeof applyStep,
  lane: z.infer<typeof applyStep.input>,
): Steps<StepOutcome> {
  try {
    return yield* callActivityOnce(context, step, lane);
  } catch (error) {
    return { kind: 'transient', text: errorText(error) };
  }
}

/** The job may not be reachable just now; the next step tells it the count again. */
function* tell(context: OrchestrationContext, retried: z.infer<typeof noteRetry.input>): Steps<void> {
  try {
    yield* callActivityOnce(context, noteRetry, retried);
  } catch {
    return;
  }
}
