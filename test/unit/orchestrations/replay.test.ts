/**
 * Stored histories of jobs that have ended, replayed against the orchestrators as they are now: a change that would break
 * jobs that are under way fails here. Such a change needs an orchestration of a new name beside the old one. To record the
 * scenarios of replay-scenarios.ts: `RECORD_HISTORIES=1 npx vitest run --project unit test/unit/orchestrations/replay.test.ts`.
 * Recorded histories are added to, never recorded again to make a failure go away.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { callOrchestrator } from '../../../local/durable/call-function.ts';
import type { Instance } from '../../../local/durable/instance.ts';
import { replay } from '../../../local/durable/replay.ts';
import { TurnInputs } from '../../../local/durable/turn-input.ts';
import { PROJECT_PATH } from '../../support/local-host.ts';
import { createApp } from './memory-hub.ts';
import { ORCHESTRATIONS, SCENARIOS } from './replay-scenarios.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'fixtures', 'histories');
const fileOf = (name: string) => join(FOLDER, `${name.replaceAll(/\W+/g, '-')}.json`);

async function record(name: string, play: (typeof SCENARIOS)[string]): Promise<void> {
  const file = fileOf(name);
  if (existsSync(file)) return;
  const hub = await play();
  await hub.pass(60);
  const instances = hub.ids().map((id) => hub.instance(id));
  // Stacks name files; where the project lies is nobody's business.
  writeFileSync(file, `${JSON.stringify(instances, null, 1)}\n`.replaceAll(join(PROJECT_PATH, '/'), ''));
}

if (process.env.RECORD_HISTORIES === '1') {
  for (const [name, play] of Object.entries(SCENARIOS)) await record(name, play);
}

const app = createApp({ orchestrations: ORCHESTRATIONS, activities: {} }, () => {});

/** Replays the last turn of an ended instance: all that it had scheduled before must be scheduled again, in its order. */
async function replayed(instance: Instance) {
  const { started, history } = instance;
  const lastTurn = history.findLastIndex(({ type }) => type === 'OrchestratorStarted');
  const end = history.findIndex(({ type }, at) => at > lastTurn && type === 'ExecutionCompleted');
  const settled = history.slice(0, lastTurn);
  const fresh = history.slice(lastTurn, end);
  const input = new TurnInputs().write({ ...instance, history: settled }, fresh);
  const outcome = await callOrchestrator(app, started.name, input);
  return replay(started, [...settled, ...fresh], outcome);
}

describe('E5 jobs that are under way survive a new version of the orchestrators', () => {
  it('has a history of every scenario, and of every orchestration', () => {
    const stored = readdirSync(FOLDER).map((file) => join(FOLDER, file));
    for (const name of Object.keys(SCENARIOS)) expect(stored).toContain(fileOf(name));
    const instances = stored.flatMap((file) => JSON.parse(readFileSync(file, 'utf8')) as Instance[]);
    const names = new Set(instances.map(({ started }) => started.name));
    expect([...names].sort()).toEqual(Object.keys(ORCHESTRATIONS).sort());
  });

  for (const file of readdirSync(FOLDER)) {
    const instances = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Instance[];
    it(`${file}: the job ends as it did, and so do its lanes`, async () => {
      const isCascade = instances.some(({ started }) => started.name === 'cascadeJob');
      expect(instances.length).toBeGreaterThan(isCascade ? 2 : 0);
      for (const instance of instances) {
        expect(instance.status).toBe('Completed');
        expect(await replayed(instance), instance.started.instanceId).toMatchObject({
          decisions: [],
          end: { kind: 'completed', output: instance.output },
        });
      }
    });
  }

  it('a change of what is asked for would be noticed', async () => {
    const instances = JSON.parse(readFileSync(join(FOLDER, 'completed.json'), 'utf8')) as Instance[];
    const job = instances.find(({ started }) => started.name === 'cascadeJob');
    if (!job) throw new Error('The fixture holds no job');
    const history = job.history.map((event) =>
      event.type === 'TaskScheduled' ? { ...event, name: 'cascadeSomethingElse' } : event,
    );
    const { end } = await replayed({ ...job, history });
    expect(end).toMatchObject({ kind: 'failed', reason: expect.stringContaining('Non-Deterministic') });
  });
});
