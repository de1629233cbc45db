/** What the engine does for orchestrations beyond the recordings: loops, crowds, sizes, instances that come and go. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openHub } from './support/hub.ts';

const entryPoint = fileURLToPath(new URL('./support/engine-app.cjs', import.meta.url));

describe('orchestrations', () => {
  it('run as many activities in parallel as they ask for, each once', async () => {
    const hub = await openHub({ entryPoint });
    await hub.start('fanOut', 'fan', 200);
    await hub.settled();
    const { output } = await hub.status('fan');
    expect(output).toEqual(Array.from({ length: 200 }, (_, index) => `done fan/${index}`));
  });

  it('run beside each other, and none waits for another', async () => {
    const hub = await openHub({ entryPoint });
    const ids = Array.from({ length: 60 }, (_, index) => `chain-${index}`);
    await Promise.all(ids.map((id) => hub.start('chain', id, { id, steps: 5 })));
    await hub.settled();
    const statuses = await Promise.all(ids.map((id) => hub.status(id)));
    expect(statuses.map(({ runtimeStatus, output }) => [runtimeStatus, output])).toEqual(
      ids.map(() => ['Completed', 5]),
    );
  });

  it('that loop by continueAsNew keep a short history however long they run', async () => {
    const hub = await openHub({ entryPoint });
    await hub.start('rounds', 'loop', { round: 0, last: 150 });
    await hub.settled();
    const status = await hub.status('loop', '?showHistory=true');
    expect(status).toMatchObject({ runtimeStatus: 'Completed', output: 150, customStatus: { round: 150 } });
    expect(status.historyEvents?.length).toBeLessThan(5);
  });

  it('get events in the order in which they were raised, also those that came early', async () => {
    const hub = await openHub({ entryPoint });
    await hub.start('collect', 'collector');
    for (let number = 0; number < 20; number++) await hub.raise('collector', 'E', number);
    await hub.raise('collector', 'E', 'stop');
    await hub.settled();
    expect((await hub.status('collector')).output).toEqual(Array.from({ length: 20 }, (_, number) => number));
  });

  it('pass values of several megabytes through activities, events and outputs', async () => {
    const hub = await openHub({ entryPoint });
    const length = 1_000_000;
    await hub.start('large', 'large', { length, letter: 'é' });
    await hub.settled();
    await hub.raise('large', 'text', 'é'.repeat(length));
    await hub.settled();
    expect((await hub.status('large')).output).toEqual({ counted: length, same: true, text: 'é'.repeat(length) });
    const next = await openHub({ entryPoint, taskHubName: hub.taskHubName });
    expect((await next.status('large')).output).toMatchObject({ counted: length });
  });

  it('that call what the local host doesn’t have fail with a clear message', async () => {
    const hub = await openHub({ entryPoint });
    await hub.start('entityCaller', 'entity');
    await hub.start('asksForMissing', 'missing');
    await hub.settled();
    expect(await hub.status('entity')).toMatchObject({ runtimeStatus: 'Failed' });
    expect((await hub.status('entity')).output).toContain("The local host can't carry out");
    expect((await hub.status('missing')).output).toContain("The function 'missing' doesn't exist");
  });

  it('don’t begin more activities than the limit allows', async () => {
    const opened: (() => void)[] = [];
    let running = 0;
    const hub = await openHub({
      entryPoint,
      limits: { maxConcurrentActivities: 3, maxConcurrentOrchestrators: 16 },
      watch: (app) => ({
        functions: app.functions,
        async invoke(fn, request) {
          if (fn.name !== 'note') return app.invoke(fn, request);
          running++;
          await new Promise<void>((resolve) => opened.push(resolve));
          running--;
          return app.invoke(fn, request);
        },
      }),
    });
    await hub.start('fanOut', 'limited', 10);
    for (let ended = 0; ended < 10; ) {
      await new Promise(setImmediate);
      expect(running).toBeLessThanOrEqual(3);
      const open = opened.shift();
      open?.();
      if (open) ended++;
    }
    await hub.settled();
    expect(await hub.status('limited')).toMatchObject({ runtimeStatus: 'Completed' });
  });
});

describe('an activity’s result', () => {
  it('that belongs to an earlier life of the instance is dropped', async () => {
    const open = new Map<string, (value: string) => void>();
    const gate = (name: string) => new Promise<string>((resolve) => open.set(name, resolve));
    (globalThis as { gates?: object }).gates = { first: gate('first'), second: gate('second') };
    const hub = await openHub({ entryPoint });
    const isRunning = async (id: string) => (await hub.status(id)).runtimeStatus === 'Running';
    await hub.start('gated', 'g', 'first');
    while (!(await isRunning('g'))) await new Promise(setImmediate);
    await hub.call('POST', 'instances/g/terminate?reason=x');
    while (await isRunning('g')) await new Promise(setImmediate);
    await hub.start('gated', 'g', 'second');
    while (!(await isRunning('g'))) await new Promise(setImmediate);
    open.get('first')?.('of the first life');
    // A turn after the result's arrival takes in all that has arrived.
    await hub.raise('g', 'later');
    const heard = async () => (await hub.status('g', '?showHistory=true')).historyEvents ?? [];
    while (!(await heard()).some(({ EventType }) => EventType === 'EventRaised')) await new Promise(setImmediate);
    expect(await hub.status('g')).toMatchObject({ runtimeStatus: 'Running' });
    open.get('second')?.('of the second life');
    await hub.settled();
    expect(await hub.status('g')).toMatchObject({ runtimeStatus: 'Completed', output: 'of the second life' });
  });
});

describe('an instance id', () => {
  it('in use is refused, and free again once its instance has ended', async () => {
    const hub = await openHub({ entryPoint });
    await hub.start('sleeper', 'again', 60);
    expect((await hub.call('POST', 'orchestrators/sleeper/again', 60)).status).toBe(409);
    await hub.settled();
    expect((await hub.call('POST', 'orchestrators/sleeper/again', 60)).status).toBe(409);
    await hub.advance(60_000);
    expect(await hub.status('again')).toMatchObject({ runtimeStatus: 'Completed', output: 'awake' });
    await hub.start('sleeper', 'again', 30);
    await hub.advance(30_000);
    const status = await hub.status('again');
    expect(status).toMatchObject({ runtimeStatus: 'Completed', input: 30, createdTime: '2026-11-22T00:01:00Z' });
  });

  it('goes to one of two starts at the same time', async () => {
    const hub = await openHub({ entryPoint });
    const answers = await Promise.all([1, 2].map((n) => hub.call('POST', 'orchestrators/sleeper/one', n)));
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
  });

  it('must not be too long or hold what keys can’t', async () => {
    const hub = await openHub({ entryPoint });
    for (const id of ['@x', 'a%2Fb', 'x'.repeat(101)]) {
      expect((await hub.call('POST', `orchestrators/sleeper/${id}`, 1)).status).toBe(400);
    }
  });
});

describe('a parent', () => {
  it('hears of its child’s termination as a failure', async () => {
    const hub = await openHub({ entryPoint });
    await hub.start('parentOf', 'p');
    await hub.settled();
    await hub.call('POST', 'instances/p-child/terminate?reason=enough');
    await hub.settled();
    expect((await hub.status('p-child')).runtimeStatus).toBe('Terminated');
    // The library can't read a failure without details; on the real host the parent fails in the same way.
    expect(await hub.status('p')).toMatchObject({ runtimeStatus: 'Failed' });
  });

  it('that was purged is not missed by its child', async () => {
    const hub = await openHub({ entryPoint });
    await hub.start('parentOf', 'p');
    await hub.settled();
    expect((await hub.call('DELETE', 'instances/p')).status).toBe(200);
    await hub.advance(1_000_000);
    expect(await hub.status('p-child')).toMatchObject({ runtimeStatus: 'Completed' });
    expect((await hub.call('GET', 'instances/p')).status).toBe(404);
  });
});
