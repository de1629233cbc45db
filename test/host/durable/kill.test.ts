/**
 * E5: nothing accepted is lost or applied twice, whatever is killed. A host process dies at writes to storage that are drawn
 * from the run's seed, in its recoveries too, and is started again on the same data; all that was acknowledged has to come
 * to its end.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, inject, it } from 'vitest';
import { eventually } from '../../support/local-host.ts';
import { newTaskHubName, type Status } from './support/hub.ts';

const SUPPORT = join(import.meta.dirname, 'support');
const LIVES = 8;
/** So few that the work outlasts all lives. */
const MOST_WRITES = 25;
const CHAINS = 10;
const STEPS = 100;
const ROUNDS = 100;
const EVENTS = 40;

/** A host process that dies, and is started again each time. */
class Victim {
  #process: ChildProcess | undefined;
  #port: number | undefined;
  readonly #taskHubName = newTaskHubName();

  /** Lives so often, each time until the given write, and then for good. */
  async live(deaths: readonly number[]): Promise<void> {
    for (const death of deaths) {
      const child = this.#start(death);
      await once(child, 'exit');
      this.#port = undefined;
      if (child.signalCode !== 'SIGKILL') throw new Error(`The host ended with ${child.exitCode}`);
    }
    this.#process = this.#start(undefined);
  }

  async end(): Promise<void> {
    const child = this.#process;
    if (!child) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** The answer's status, of a host that lives when it is asked; undefined when it died before it answered. */
  async post(path: string, body: unknown): Promise<number | undefined> {
    const url = await this.#url(path);
    try {
      const headers = { 'content-type': 'application/json' };
      return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).status;
    } catch {
      return undefined;
    }
  }

  async status(instanceId: string): Promise<Status | undefined> {
    const response = await fetch(await this.#url(`instances/${instanceId}`));
    return response.status === 404 ? undefined : ((await response.json()) as Status);
  }

  async #url(path: string): Promise<string> {
    const port = await eventually(async () => this.#port);
    return `http://127.0.0.1:${port}/durabletask/${path}`;
  }

  #start(death: number | undefined): ChildProcess {
    const child = spawn(process.execPath, [join(SUPPORT, 'child-host.mjs')], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        CHILD_ENTRY_POINT: join(SUPPORT, 'engine-app.cjs'),
        CHILD_CONNECTION: inject('azuriteConnectionString'),
        CHILD_TASK_HUB: this.#taskHubName,
        ...(death !== undefined && { CHILD_DIES_AT: String(death) }),
      },
    });
    child.stdout.once('data', (text: Buffer) => {
      this.#port = Number(text.toString());
    });
    return child;
  }
}

/** Repeats a start until it is known to be stored. */
async function startSurely(victim: Victim, name: string, instanceId: string, input: unknown): Promise<void> {
  let status: number | undefined;
  while (status !== 202 && status !== 409) status = await victim.post(`orchestrators/${name}/${instanceId}`, input);
}

/** Raises numbered events, each once; returns those that were acknowledged. */
async function raiseNumbers(victim: Victim, instanceId: string): Promise<number[]> {
  const acknowledged: number[] = [];
  for (let number = 0; number < EVENTS; number++) {
    if ((await victim.post(`instances/${instanceId}/raiseEvent/E`, number)) === 202) acknowledged.push(number);
  }
  return acknowledged;
}

function endOf(victim: Victim, instanceId: string): Promise<Status> {
  return eventually(async () => {
    const status = await victim.status(instanceId);
    return status && status.runtimeStatus !== 'Running' && status.runtimeStatus !== 'Pending' ? status : undefined;
  });
}

it('a host killed again and again finishes all that it acknowledged, with each acknowledged event once and in order (E5)', async () => {
  const deaths = fc.sample(fc.integer({ min: 1, max: MOST_WRITES }), LIVES);
  const victim = new Victim();
  const lives = victim.live(deaths);
  const chains = Array.from({ length: CHAINS }, (_, index) => `chain-${index}`);
  const requests = Promise.all([
    raiseAfterStart(victim),
    ...chains.map((id) => startSurely(victim, 'chain', id, { id, steps: STEPS })),
    startSurely(victim, 'rounds', 'loop', { round: 0, last: ROUNDS }),
  ]);
  const [[acknowledged]] = await Promise.all([requests, lives]);
  while ((await victim.post('instances/collector/raiseEvent/E', 'stop')) !== 202);

  for (const id of chains) expect(await endOf(victim, id)).toMatchObject({ runtimeStatus: 'Completed', output: STEPS });
  expect(await endOf(victim, 'loop')).toMatchObject({ runtimeStatus: 'Completed', output: ROUNDS });
  const { output } = await endOf(victim, 'collector');
  // What was never acknowledged may or may not have been stored; what was is there, once, in order.
  expect((output as number[]).filter((number) => acknowledged.includes(number))).toEqual(acknowledged);
  expect(new Set(output as number[]).size).toBe((output as number[]).length);
  await victim.end();
});

async function raiseAfterStart(victim: Victim): Promise<number[]> {
  await startSurely(victim, 'collect', 'collector', null);
  return raiseNumbers(victim, 'collector');
}
