/**
 * E5: nothing accepted is lost or applied twice, whatever is killed. Kills a host process at random moments of its work,
 * starts it again on the same data each time, and looks whether all that was acknowledged came to its end.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, it, onTestFailed } from 'vitest';
import { newTaskHubName, type Status } from './support/hub.ts';

const PROJECT = resolve(import.meta.dirname, '..', '..', '..');
const OUT = join(PROJECT, 'node_modules', '.cache', `durable-kill-test-${process.pid}`);
const CHILD = join(OUT, 'test', 'host', 'durable', 'support', 'child-host.js');
const KILLS = 8;
const CHAINS = 10;
const STEPS = 100;
const ROUNDS = 100;
const EVENTS = 40;

beforeAll(() => {
  spawnSync(join(PROJECT, 'node_modules', '.bin', 'tsc'), ['-p', '.', '--noEmit', 'false', '--outDir', OUT], {
    cwd: PROJECT,
  });
  if (!existsSync(CHILD)) throw new Error(`The build left no ${CHILD}; see npx tsc -p .`);
});
afterAll(() => rmSync(OUT, { recursive: true, force: true }));

/** A host process that can be killed and started again. */
class Victim {
  #process: ChildProcess | undefined;
  #port = 0;
  readonly #taskHubName = newTaskHubName();

  async start(): Promise<void> {
    const child = spawn(process.execPath, [CHILD], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        CHILD_ENTRY_POINT: join(import.meta.dirname, 'support', 'engine-app.cjs'),
        CHILD_CONNECTION: inject('azuriteConnectionString'),
        CHILD_TASK_HUB: this.#taskHubName,
      },
    });
    this.#process = child;
    this.#port = await new Promise<number>((resolvePort, reject) => {
      child.stdout.once('data', (text: Buffer) => resolvePort(Number(text.toString())));
      child.once('exit', (code) => reject(new Error(`the host ended with ${code} before it was ready`)));
    });
  }

  async kill(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolveEnd) => child.once('exit', resolveEnd));
    child.kill('SIGKILL');
    await ended;
  }

  /** The answer's status; undefined when the host died before it answered. */
  async post(path: string, body: unknown): Promise<number | undefined> {
    try {
      const headers = { 'content-type': 'application/json' };
      return (await fetch(this.#url(path), { method: 'POST', headers, body: JSON.stringify(body) })).status;
    } catch {
      return undefined;
    }
  }

  async status(instanceId: string): Promise<Status | undefined> {
    try {
      const response = await fetch(this.#url(`instances/${instanceId}`));
      return response.status === 404 ? undefined : ((await response.json()) as Status);
    } catch {
      return undefined;
    }
  }

  #url(path: string): string {
    return `http://127.0.0.1:${this.#port}/durabletask/${path}`;
  }
}

/** Repeats a start until it is known to be stored. */
async function startSurely(victim: Victim, name: string, instanceId: string, input: unknown): Promise<void> {
  for (;;) {
    const status = await victim.post(`orchestrators/${name}/${instanceId}`, input);
    if (status === 202 || status === 409) return;
    await sleep(20);
  }
}

/** Raises numbered events, each once; returns those that were acknowledged. */
async function raiseNumbers(victim: Victim, instanceId: string): Promise<number[]> {
  const acknowledged: number[] = [];
  for (let number = 0; number < EVENTS; number++) {
    if ((await victim.post(`instances/${instanceId}/raiseEvent/E`, number)) === 202) acknowledged.push(number);
    await sleep(25);
  }
  return acknowledged;
}

async function endOf(victim: Victim, instanceId: string): Promise<Status> {
  for (;;) {
    const status = await victim.status(instanceId);
    if (status && status.runtimeStatus !== 'Running' && status.runtimeStatus !== 'Pending') return status;
    await sleep(50);
  }
}

/** Numbers in [0, 1) from a seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

it('a host killed again and again finishes all that it acknowledged, with each acknowledged event once and in order (E5)', async () => {
  const seed = Date.now() % 1_000_000;
  onTestFailed(() => {
    process.stderr.write(`seed ${seed}\n`);
  });
  const random = randomFrom(seed);
  const victim = new Victim();
  await victim.start();
  const chains = Array.from({ length: CHAINS }, (_, index) => `chain-${index}`);
  const requests = Promise.all([
    raiseAfterStart(victim),
    ...chains.map((id) => startSurely(victim, 'chain', id, { id, steps: STEPS })),
    startSurely(victim, 'rounds', 'loop', { round: 0, last: ROUNDS }),
  ]);
  for (let kill = 0; kill < KILLS; kill++) {
    await sleep(20 + random() * 150);
    await victim.kill();
    await victim.start();
  }
  const [acknowledged] = await requests;
  while ((await victim.post('instances/collector/raiseEvent/E', 'stop')) !== 202) await sleep(20);

  for (const id of chains) expect(await endOf(victim, id)).toMatchObject({ runtimeStatus: 'Completed', output: STEPS });
  expect(await endOf(victim, 'loop')).toMatchObject({ runtimeStatus: 'Completed', output: ROUNDS });
  const { output } = await endOf(victim, 'collector');
  // What was never acknowledged may or may not have been stored; what was is there, once, in order.
  expect((output as number[]).filter((number) => acknowledged.includes(number))).toEqual(acknowledged);
  expect(new Set(output as number[]).size).toBe((output as number[]).length);
  await victim.kill();
});

async function raiseAfterStart(victim: Victim): Promise<number[]> {
  await startSurely(victim, 'collect', 'collector', null);
  return raiseNumbers(victim, 'collector');
}
