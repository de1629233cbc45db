/**
 * E5: nothing accepted is lost or applied twice, whatever is killed. Cuts the engine off at every one of its writes, before
 * and after the write took effect, starts another on the same data, and looks at what became of the work.
 */
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createFailingStorage } from '../../support/failing-storage.ts';
import { type CrashMode, crashAt } from './support/crash-at.ts';
import { type Hub, newTaskHubName, openHub, type Status } from './support/hub.ts';

const entryPoint = fileURLToPath(new URL('./support/engine-app.cjs', import.meta.url));
const MODES: readonly CrashMode[] = ['before the write', 'after the write'];

/** What clients were told was done; each is asked for again after a crash until it is. */
interface Progress {
  started: boolean;
  raised: boolean;
}

/** Works the instance through to its end, as far as this host lives. */
async function work(hub: Hub, progress: Progress): Promise<Status | undefined> {
  if (!progress.started) {
    const { status } = await hub.call('POST', 'orchestrators/medley/m', { any: 'input' });
    // 409: the start before the crash was stored, although nobody was told.
    progress.started = status === 202 || status === 409;
  }
  await hub.settled();
  if (!progress.raised) {
    const { status } = await hub.call('POST', 'instances/m/raiseEvent/go', 'now');
    progress.raised = status === 202;
  }
  await hub.advance(6000, 1000);
  const answer = await hub.call('GET', 'instances/m');
  return answer.status === 200 ? answer.json<Status>() : undefined;
}

const EXPECTED = {
  first: 'done medley/first',
  lanes: [2, 2],
  retried: 'done medley/retried',
  event: 'now',
  failure: "Activity function 'fails' failed: it fails",
  rounds: 2,
};

async function countWrites(): Promise<number> {
  const crash = crashAt(Number.POSITIVE_INFINITY, 'before the write');
  const hub = await openHub({ entryPoint, storagePolicies: [crash.policy] });
  const status = await work(hub, { started: false, raised: false });
  expect(status?.output).toEqual(EXPECTED);
  return crash.writes();
}

describe('a host that dies at any of its writes (E5)', () => {
  it.each(MODES)('%s: the next one brings every accepted thing to its end', async (mode) => {
    const writes = await countWrites();
    expect(writes).toBeGreaterThan(10);
    for (let write = 1; write <= writes; write++) {
      const taskHubName = newTaskHubName();
      const progress: Progress = { started: false, raised: false };
      const crash = crashAt(write, mode);
      await runUntilCrash(taskHubName, crash, progress);
      const next = await openHub({ entryPoint, taskHubName });
      const status = await work(next, progress);
      expect(status?.output, `crash ${mode} ${write}`).toEqual(EXPECTED);
      await next.host.drain(0);
    }
  });
});

async function runUntilCrash(
  taskHubName: string,
  crash: ReturnType<typeof crashAt>,
  progress: Progress,
): Promise<void> {
  try {
    const hub = await openHub({ entryPoint, taskHubName, storagePolicies: [crash.policy] });
    await work(hub, progress);
  } catch (error) {
    // The host was cut off while it started.
    if (!crash.happened()) throw error;
  }
}

describe('an activity', () => {
  it('whose result was not stored runs again, and one whose result was stored does not (E5)', async () => {
    const runs: string[] = [];
    (globalThis as { activityRuns?: string[] }).activityRuns = runs;
    onTestFinished(() => {
      (globalThis as { activityRuns?: string[] }).activityRuns = [];
    });
    const taskHubName = newTaskHubName();
    // Writes: epoch, the host's own entry, the start, the first turn, then one for each step.
    const hub = await openHub({
      entryPoint,
      taskHubName,
      storagePolicies: [crashAt(6, 'before the write').policy],
    });
    await hub.start('chain', 'c', { id: 'c', steps: 3 });
    await hub.settled();
    expect(runs).toEqual(['c/0', 'c/1']);
    const next = await openHub({ entryPoint, taskHubName });
    await next.settled();
    expect(await next.status('c')).toMatchObject({ runtimeStatus: 'Completed', output: 3 });
    expect(runs).toEqual(['c/0', 'c/1', 'c/1', 'c/2']);
  });

  it('that ends while the host drains has its result stored and doesn’t run again', async () => {
    let open = (): void => {};
    const gates = {
      slow: new Promise<string>((resolve) => {
        open = () => resolve('through');
      }),
    };
    (globalThis as { gates?: object }).gates = gates;
    let runs = 0;
    const watch: NonNullable<Parameters<typeof openHub>[0]>['watch'] = (app) => ({
      functions: app.functions,
      invoke: (fn, request) => {
        if (fn.name === 'gate') runs++;
        return app.invoke(fn, request);
      },
    });
    const hub = await openHub({ entryPoint, watch });
    await hub.start('gated', 'g', 'slow');
    while (runs === 0) await new Promise(setImmediate);
    const drained = hub.host.drain(10_000);
    open();
    await drained;
    expect((await hub.call('GET', 'instances/g')).status).toBe(503);
    const next = await openHub({ entryPoint, taskHubName: hub.taskHubName, watch });
    await next.settled();
    expect(await next.status('g')).toMatchObject({ runtimeStatus: 'Completed', output: 'through' });
    expect(runs).toBe(1);
  });
});

describe('a storage service that stumbles', () => {
  it('doesn’t make the engine do anything twice: a write whose answer was lost is known again (E5)', async () => {
    const failing = createFailingStorage();
    const hub = await openHub({ entryPoint, storagePolicies: [failing.policy] });
    failing.loseAnswers(4);
    await hub.start('collect', 'c');
    await hub.settled();
    for (let number = 0; number < 3; number++) {
      failing.loseAnswers(1);
      await hub.raise('c', 'E', number);
      await hub.settled();
    }
    await hub.raise('c', 'E', 'stop');
    await hub.settled();
    expect(await hub.status('c')).toMatchObject({ runtimeStatus: 'Completed', output: [0, 1, 2] });
  });

  it('is waited for', async () => {
    const failing = createFailingStorage();
    const hub = await openHub({ entryPoint, storagePolicies: [failing.policy] });
    // More failures than the storage client itself would try again.
    failing.refuse(6);
    await hub.start('chain', 'c', { id: 'waits', steps: 2 });
    await hub.settled();
    expect(await hub.status('c')).toMatchObject({ runtimeStatus: 'Completed', output: 2 });
    expect(hub.entries.map(({ message }) => message).join()).toContain('Durable engine waits for storage');
  });
});

describe('a second host on the same data', () => {
  it('takes over, and the first one can’t store anything any more (E5)', async () => {
    let stoppedBecause: unknown;
    const first = await openHub({
      entryPoint,
      onStopped: (error) => {
        stoppedBecause = error;
      },
    });
    await first.start('collect', 'c');
    await first.settled();
    const second = await openHub({ entryPoint, taskHubName: first.taskHubName });
    const late = await first.call('POST', 'instances/c/raiseEvent/E', 'late');
    expect(late.status).toBe(500);
    expect(String(stoppedBecause)).toContain('Another host has taken over');
    expect((await first.call('GET', 'instances/c')).status).toBe(503);
    await second.raise('c', 'E', 'heard');
    await second.raise('c', 'E', 'stop');
    await second.settled();
    expect(await second.status('c')).toMatchObject({ runtimeStatus: 'Completed', output: ['heard'] });
  });
});
