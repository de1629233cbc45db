/**
 * The orchestration of a job: rounds of lanes, with rests in between. It holds no knowledge of its own: what to do next it
 * asks whenever none of its lanes runs, so that it can be started anew at any time. Invariants:
 *
 *  O1  It never continues as new (events that nobody has taken would be lost). Its history grows by rounds, and by looks
 *      at the job that become rarer the longer it rests.
 *  O2  It ends only after all lanes of the round have returned, whatever became of them.
 *  O3  A command is stored with the job; the event only makes it look. Raw events count only while the job is paused.
 */
import type { OrchestrationContext, Task } from 'durable-functions';
import { z } from 'zod';
import { EVENT_COMMANDS } from '../../shared/cascade/jobs/decide-next.ts';
import type { Steps } from '../activity.ts';
import { callSteadily } from './call-steadily.ts';
import { advanceJob, notePause } from './cascade-activities.ts';
import { EventWaiters } from './event-waiters.ts';
import { type LaneResult, type LaneState, laneResultSchema } from './run-steps.ts';

/** Name of the orchestration that identifies. A format: jobs that are under way name it in their histories. */
export const IDENTIFY_ORCHESTRATION = 'cascadeIdentify';
/** Name of the orchestration of a lane. A format, too. */
export const LANE_ORCHESTRATION = 'cascadeLane';

const inputSchema = z.object({ jobId: z.string() });

type Decided = z.infer<typeof advanceJob.output>;
type Round = Extract<Decided, { next: 'run' }>;

/** A resting job is looked at after this time without an event, and each time after twice as long. */
const FIRST_REST_SECONDS = 5;
const LONGEST_REST_SECONDS = 12 * 60 * 60;

/** The orchestrator of a job. */
export function* cascadeJob(context: OrchestrationContext): Steps<unknown> {
  const { jobId } = inputSchema.parse(context.df.getInput());
  const events = new EventWaiters(context);
  let decision = yield* callSteadily(context, advanceJob, { jobId, commands: [], drained: false });
  while (decision.next !== 'end') {
    if (decision.next === 'wait') decision = yield* rest(context, jobId, events, decision);
    else {
      const drained = yield* runRound(context, jobId, decision);
      if (!drained) yield* events.forgetEarly();
      decision = yield* callSteadily(context, advanceJob, { jobId, commands: [], drained });
    }
  }
  return undefined;
}

/** Waits until the job wants something. Events that come before a round has begun still count, so that a cancel outranks a resume. */
function* rest(
  context: OrchestrationContext,
  jobId: string,
  events: EventWaiters,
  resting: Extract<Decided, { next: 'wait' }>,
): Steps<Decided> {
  let seconds = FIRST_REST_SECONDS;
  let decision: Decided = resting;
  let { paused } = resting;
  let fired = events.take();
  for (;;) {
    if (fired.length === 0) {
      if (decision.next !== 'wait') return decision;
      yield* events.wait(seconds);
      seconds = Math.min(seconds * 2, LONGEST_REST_SECONDS);
      fired = events.take();
    }
    const commands = EVENT_COMMANDS.filter((name) => paused && fired.includes(name));
    decision = yield* callSteadily(context, advanceJob, { jobId, commands, drained: false });
    if (decision.next === 'end') return decision;
    if (decision.next === 'wait') paused = decision.paused;
    fired = events.take();
  }
}

/** One round: first identifying, unless it is done, then the lanes. True when nothing is left to do. */
function* runRound(context: OrchestrationContext, jobId: string, round: Round): Steps<boolean> {
  if (round.phase === 'identifying') {
    const [identified] = yield* runChildren(context, jobId, round, IDENTIFY_ORCHESTRATION, ['identify']);
    if (identified === 'finished') return true;
    if (identified !== 'drained') return false;
  }
  const lanes = Array.from({ length: round.lanes }, (_, lane) => String(lane));
  const results = yield* runChildren(context, jobId, round, LANE_ORCHESTRATION, lanes);
  return results.every((result) => result === 'drained');
}

function* runChildren(
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
    const text = `Lane ${of.lane} broke: ${error instanceof Error ? error.message.slice(0, 500) : String(error)}`;
    yield* callSteadily(context, notePause, {
      ...of,
      retries: 0,
      reason: { code: 'retries-exhausted' },
      text,
      isFinal: false,
    });
    return 'stopped';
  }
}
