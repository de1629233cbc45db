/**
 * Runs the recorded apps on the embedded engine and holds every turn against what the real Functions host with the Durable
 * extension gave and got. Hunts for whatever an app could tell the two hosts apart by.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { fixturePath, type Hub, openHub } from './support/hub.ts';
import { comparable, recordedTurn, type Turn, watchTurns } from './support/recordings.ts';

let turns: Map<string, Turn[]>;
beforeEach(() => {
  turns = new Map();
});

function open(app: string): Promise<Hub> {
  return openHub({ entryPoint: fixturePath(`recordings/${app}.js`), watch: watchTurns(turns) });
}

function expectTurns(instanceId: string, recorded: readonly string[]): void {
  expect((turns.get(instanceId) ?? []).map(comparable)).toEqual(recorded.map((name) => comparable(recordedTurn(name))));
}

/** Names of numbered recordings, from 1. */
function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `edge-turns/${name}-${index + 1}`);
}

describe('turn by turn as on the real host (E6)', () => {
  it('an orchestration with activities, a retry, an event, a timer, a fan-out and a child', async () => {
    const hub = await open('app');
    await hub.start('main', 'main1', { who: 'me', n: 1 });
    await hub.advance(1000);
    await hub.raise('main1', 'Approval', { approved: true, by: 'ceo' });
    await hub.advance(2000);
    expectTurns('main1', [
      'turns/first-turn',
      'turns/activity-done',
      'turns/activity-failed-retry-timer',
      'turns/retry-timer-fired',
      'turns/waiting-for-event',
      'turns/event-raised',
      'turns/timer-fired-fan-out',
      'turns/fan-in-sub-orchestrator',
      'turns/completed',
    ]);
    const [child] = [...turns.keys()].filter((id) => id !== 'main1');
    const [firstTurn] = turns.get(child ?? '') ?? [];
    expect(firstTurn && comparable(firstTurn)).toEqual(comparable(recordedTurn('turns/sub-orchestrator-first-turn')));
    expect(await hub.status('main1')).toMatchObject({
      runtimeStatus: 'Completed',
      customStatus: { step: 'waiting' },
      output: {
        a: 'Hello Tokyo',
        b: 'flaky ok {"in":{"who":"me","n":1}}',
        ev: { approved: true, by: 'ceo' },
        par: ['Hello A', 'Hello B'],
        sub: 'Hello child',
      },
    });
  });

  it('a race between a timer and an event that the event wins', async () => {
    const hub = await open('app');
    await hub.start('race', 'race-1');
    await hub.settled();
    await hub.raise('race-1', 'go', 42);
    await hub.settled();
    expectTurns('race-1', ['turns/any-waiting', 'turns/any-won-by-event']);
    expect(await hub.status('race-1')).toMatchObject({ runtimeStatus: 'Completed', output: { won: 'event', v: 42 } });
  });

  it('a loop by continueAsNew: each round a new execution with an empty history', async () => {
    const hub = await open('app');
    await hub.start('eternal', 'eternal-1');
    await hub.advance(2000, 100);
    const recorded = ['turns/continue-as-new-1', 'turns/continue-as-new-2', 'turns/continue-as-new-3'];
    expect((turns.get('eternal-1') ?? []).slice(0, 3).map(comparable)).toEqual(
      recorded.map((name) => comparable(recordedTurn(name))),
    );
    expect(await hub.status('eternal-1')).toMatchObject({ runtimeStatus: 'Completed', output: 3, input: 3 });
  });

  it('an activity’s failure as the orchestration’s code sees it', async () => {
    const hub = await open('app');
    await hub.start('caught', 'caught-1');
    await hub.settled();
    const caught = turns.get('caught-1') ?? [];
    expect(caught).toHaveLength(2);
    expect(comparable(caught[1] as Turn)).toEqual(comparable(recordedTurn('turns/failure-caught')));
  });

  it.each([
    { name: 'earlyEvents', count: 3, output: ['first', 'second'], events: ['first', 'second'] },
    { name: 'backoff', count: 6, output: 'ok after 3' },
    { name: 'bigValue', count: 3, output: { length: 200_000, tail: 'xxx' } },
    { name: 'catchesChild', count: 2 },
    { name: 'retriesChild', count: 5 },
    { name: 'unfinishedTimer', count: 3, output: 'timer not cancelled' },
  ])('$name', async ({ name, count, output, events }) => {
    const hub = await open('edge-app');
    await hub.start(name, `${name}-1`);
    for (const event of events ?? []) {
      // Both are stored before the next turn begins, as in the recording.
      void hub.raise(`${name}-1`, 'E', event);
    }
    await hub.advance(40_000, 100);
    expectTurns(`${name}-1`, numbered(name, count));
    const status = await hub.status(`${name}-1`);
    expect(status.runtimeStatus).toBe('Completed');
    if (output !== undefined) expect(status.output).toEqual(output);
  });

  it('two waiters of one name: the first event goes to the last waiter', async () => {
    const hub = await open('edge-app');
    await hub.start('twoWaiters', 'twoWaiters-1');
    for (const event of [1, 2]) {
      await hub.settled();
      await hub.raise('twoWaiters-1', 'E', event);
    }
    await hub.settled();
    expectTurns('twoWaiters-1', numbered('twoWaiters', 3));
    expect(await hub.status('twoWaiters-1')).toMatchObject({ output: [2, 1] });
  });

  it('an event that nobody consumed before continueAsNew is lost', async () => {
    const hub = await open('edge-app');
    await hub.start('keepsEvents', 'keepsEvents-1');
    await hub.settled();
    await hub.raise('keepsEvents-1', 'kept', { v: 1 });
    await hub.advance(6000, 500);
    expectTurns('keepsEvents-1', numbered('keepsEvents', 6));
    expect(await hub.status('keepsEvents-1')).toMatchObject({ runtimeStatus: 'Running' });
  });

  it('a suspended instance runs its function on an event, and the outcome takes effect at resume', async () => {
    const hub = await open('edge-app');
    await hub.start('suspendable', 'suspendable-1');
    await hub.settled();
    await hub.call('POST', 'instances/suspendable-1/suspend?reason=hold');
    await hub.settled();
    expect(await hub.status('suspendable-1')).toMatchObject({ runtimeStatus: 'Suspended', output: 'hold' });
    await hub.raise('suspendable-1', 'go', 'while suspended');
    await hub.settled();
    expect(await hub.status('suspendable-1')).toMatchObject({ runtimeStatus: 'Suspended', output: 'hold' });
    await hub.call('POST', 'instances/suspendable-1/resume?reason=go');
    await hub.settled();
    expectTurns('suspendable-1', numbered('suspendable', 4));
    expect(await hub.status('suspendable-1')).toMatchObject({
      runtimeStatus: 'Completed',
      output: { a: 'while suspended' },
    });
  });

  it('a terminated parent leaves its child running', async () => {
    const hub = await open('edge-app');
    await hub.start('parentOfSlow', 'parentOfSlow-1');
    await hub.settled();
    await hub.call('POST', 'instances/parentOfSlow-1/terminate?reason=stop');
    await hub.settled();
    expectTurns('parentOfSlow-1', numbered('parentOfSlow', 2));
    expectTurns('parentOfSlow-1-slow', ['edge-turns/slow-1']);
    expect(await hub.status('parentOfSlow-1')).toMatchObject({ runtimeStatus: 'Terminated', output: 'stop' });
    expect(await hub.status('parentOfSlow-1-slow')).toMatchObject({ runtimeStatus: 'Running' });
  });

  it('an orchestrator that throws fails with its message', async () => {
    const hub = await open('edge-app');
    await hub.start('throws', 'throws-1', { in: 1 });
    await hub.settled();
    expectTurns('throws-1', ['edge-turns/throws-1']);
    const answer = await hub.call('GET', 'instances/throws-1');
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({
      runtimeStatus: 'Failed',
      output: "Orchestrator function 'throws' failed: from the orchestrator itself",
    });
  });

  it('code that contradicts its history fails the instance', async () => {
    const hub = await open('edge-app');
    await hub.start('nonDeterministic', 'nonDeterministic-1');
    await hub.settled();
    expectTurns('nonDeterministic-1', numbered('nonDeterministic', 2));
    const { runtimeStatus, output } = await hub.status('nonDeterministic-1');
    expect(runtimeStatus).toBe('Failed');
    expect(output).toMatch(
      /^Non-Deterministic workflow detected: A previous execution of this orchestration scheduled an activity task with sequence number 0 named 'big', but /,
    );
  });

  it('children with names of their own, each answered under its number', async () => {
    const hub = await open('edge-app');
    await hub.start('namedChildren', 'namedChildren-1');
    await hub.settled();
    const [first] = turns.get('namedChildren-1') ?? [];
    expect(first && comparable(first)).toEqual(comparable(recordedTurn('edge-turns/namedChildren-1')));
    expect(await hub.status('namedChildren-1')).toMatchObject({ runtimeStatus: 'Completed', output: [1, 2, 3] });
    expect(turns.get('namedChildren-1-lane-2')).toHaveLength(2);
  });

  it('all of several activities fail with the first failure, and the others still run', async () => {
    const hub = await open('edge-app');
    await hub.start('allWithFailure', 'allWithFailure-1');
    await hub.settled();
    const { output, runtimeStatus } = await hub.status('allWithFailure-1');
    expect(runtimeStatus).toBe('Completed');
    expect((output as { caught: string }).caught).toMatch(/^Activity function 'boom' failed: boom 2 \n /);
    const ended = turns.get('allWithFailure-1')?.at(-1)?.input.history as { EventType: number }[];
    expect(ended.filter(({ EventType }) => EventType === 5 || EventType === 6)).toHaveLength(3);
  });
});
