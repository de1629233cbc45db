/**
 * Stored histories of jobs that have ended, replayed against the orchestrators as they are now: a change that would break
 * jobs that are under way fails here. Such a change needs an orchestration of a new name beside the old one. To record the
 * scenarios below, or new ones: `RECORD_HISTORIES=1 npx vitest run --project unit test/unit/orchestrations/replay.test.ts`.
 * Recorded histories are added to, never recorded again to make a failure go away.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { callOrchestrator } from '../../../local/durable/call-function.ts';
import type { Instance } from '../../../local/durable/instance.ts';
import { replay } from '../../../local/durable/replay.ts';
import { TurnInputs } from '../../../local/durable/turn-input.ts';
import { cascadeJob } from '../../../orchestrations/cascade/cascade-job.ts';
import { cascadeIdentify, cascadeLane } from '../../../orchestrations/cascade/cascade-lane.ts';
import { createApp } from './memory-hub.ts';
import { busy, JOB_ID, OrchestrationFixture } from './orchestration-fixture.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'fixtures', 'histories');

const SCENARIOS: Readonly<Record<string, (fixture: OrchestrationFixture) => Promise<void>>> = {
  async completed(fixture) {
    await fixture.start();
    await fixture.untilStatus('Completed');
  },
  async 'retried, paused, resumed'(fixture) {
    fixture.records.onBatch = ({ lane, call }) => (lane === 1 && call <= 6 ? busy() : undefined);
    await fixture.start();
    await fixture.untilStatus('Paused');
    await fixture.hub.pass(100);
    await fixture.command('resume');
    await fixture.untilStatus('Completed');
  },
  async 'paused by command, resumed by event'(fixture) {
    const open = await fixture.startHeld();
    await fixture.command('pause');
    open();
    await fixture.untilStatus('Paused');
    await fixture.hub.raise(JOB_ID, 'resume');
    await fixture.untilStatus('Completed');
  },
  async cancelled(fixture) {
    const open = await fixture.startHeld(2);
    await fixture.command('cancel');
    open();
    await fixture.untilStatus('Canceled');
  },
  async 'poison skipped'(fixture) {
    fixture.records.failed.add('p1');
    await fixture.start();
    await fixture.untilStatus('Paused');
    await fixture.command('skip');
    await fixture.untilStatus('Completed');
  },
  async 'long lanes'(fixture) {
    fixture.records.batchesPerLane = 120;
    await fixture.start();
    await fixture.untilStatus('Completed');
  },
};

async function record(name: string, play: (fixture: OrchestrationFixture) => Promise<void>): Promise<void> {
  const file = join(FOLDER, `${name.replaceAll(/\W+/g, '-')}.json`);
  if (existsSync(file)) return;
  const fixture = new OrchestrationFixture();
  await play(fixture);
  await fixture.hub.pass(60);
  const instances = fixture.hub.ids().map((id) => fixture.hub.instance(id));
  writeFileSync(file, `${JSON.stringify(instances, null, 1)}\n`);
}

if (process.env.RECORD_HISTORIES === '1') {
  for (const [name, play] of Object.entries(SCENARIOS)) await record(name, play);
}

const app = createApp({ orchestrations: { cascadeJob, cascadeIdentify, cascadeLane }, activities: {} }, () => {});

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
  for (const file of readdirSync(FOLDER)) {
    const instances = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Instance[];
    it(`${file}: the job and its lanes end as they did`, async () => {
      expect(instances.length).toBeGreaterThan(2);
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
