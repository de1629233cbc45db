/**
 * Bugs hunted here: two runs of a job at once; a request that joins a run which never looks again; a crash between two
 * writes that leaves a job unable to run ever again, or a run that looks alive for ever.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Instances } from '../../../shared/runs/instances.ts';
import type { InstanceState } from '../../../shared/runs/run-decisions.ts';
import { RunRegistry } from '../../../shared/runs/run-registry.ts';
import { RunStore } from '../../../shared/runs/run-store.ts';
import type { StoragePolicy } from '../../../shared/storage/size-limits.ts';
import { crashAfter } from '../../support/crashing-storage.ts';
import { openTestStorage, uniquePrefix } from '../../support/test-storage.ts';

let prefix: string;
let nowMs: number;
let registry: RunRegistry;
let engine: FakeInstances;

class FakeInstances implements Instances {
  readonly states = new Map<string, InstanceState>();
  readonly starts: string[] = [];
  /** What happens right before an instance starts. */
  beforeStart: () => Promise<void> = async () => {};

  async state(id: string): Promise<InstanceState> {
    return this.states.get(id) ?? 'none';
  }

  async start(orchestration: string, id: string): Promise<void> {
    await this.beforeStart();
    this.starts.push(`${orchestration} ${id}`);
    this.states.set(id, 'alive');
  }
}

function open(policies: readonly StoragePolicy[] = []): RunRegistry {
  return new RunRegistry(new RunStore(openTestStorage({ prefix, policies })), () => nowMs);
}

beforeEach(() => {
  prefix = uniquePrefix();
  nowMs = Date.UTC(2026, 2, 2, 12);
  registry = open();
  engine = new FakeInstances();
});

const JOIN = { whenRunning: 'join' } as const;
const REFUSE = { whenRunning: 'refuse' } as const;

describe('A5 A6 runs of a job', () => {
  it('are started once, seen at once, begun, and ended with their counts', async () => {
    const { runId, outcome } = await registry.request('customer-sync', engine, JOIN);
    expect(outcome).toBe('started');
    expect(engine.starts).toEqual([`customerSync ${runId}`]);
    expect(await registry.find('customer-sync', runId, engine)).toMatchObject({ status: 'Queued', startedOn: null });
    nowMs += 1_000;
    expect(await registry.begin('customer-sync', runId)).toEqual({ input: {}, requests: 1 });
    expect(await registry.find('customer-sync', runId, engine)).toMatchObject({ status: 'Running' });
    nowMs += 1_000;
    expect(await registry.finish('customer-sync', runId, { requests: 1, counts: { applied: 3 } })).toBeUndefined();
    expect(await registry.find('customer-sync', runId, engine)).toEqual({
      runId,
      job: 'customer-sync',
      status: 'Completed',
      requestedOn: '2026-03-02T12:00:00.000Z',
      startedOn: '2026-03-02T12:00:01.000Z',
      completedOn: '2026-03-02T12:00:02.000Z',
      counts: { applied: 3 },
      error: null,
    });
  });

  it('are refused, joined or left alone while one is under way', async () => {
    const { runId } = await registry.request('P-0001', engine, REFUSE);
    expect(await registry.request('P-0001', engine, REFUSE)).toEqual({ runId, outcome: 'running' });
    expect(await registry.request('P-0001', engine, { whenRunning: 'leave' })).toEqual({ runId, outcome: 'running' });
    expect(await registry.request('P-0001', engine, JOIN)).toEqual({ runId, outcome: 'joined' });
    expect(engine.starts).toHaveLength(1);
    expect((await registry.request('1010', engine, JOIN)).outcome).toBe('started');
  });

  it('end only when they have seen the last one who joined', async () => {
    const { runId } = await registry.request('1010', engine, { ...JOIN, input: { channels: ['a'] } });
    await registry.begin('1010', runId);
    await registry.request('1010', engine, { ...JOIN, input: { channels: ['b'] } });
    const again = await registry.finish('1010', runId, { requests: 1, counts: {} });
    expect(again).toEqual({ input: { channels: ['a', 'b'] }, requests: 2 });
    expect(await registry.find('1010', runId, engine)).toMatchObject({ status: 'Running' });
    expect(await registry.finish('1010', runId, { requests: 2, counts: {} })).toBeUndefined();
    expect((await registry.request('1010', engine, JOIN)).runId).not.toBe(runId);
  });

  it('asked for by many at once are one run', async () => {
    const asked = await Promise.all(
      [registry, open(), open(), open()].map((each) => each.request('1010', engine, JOIN)),
    );
    expect(new Set(asked.map(({ runId }) => runId)).size).toBe(1);
    expect(await registry.begin('1010', asked[0]?.runId ?? '')).toMatchObject({ requests: 4 });
  });

  it('are listed newest first', async () => {
    const ids: string[] = [];
    for (let run = 0; run < 3; run++) {
      nowMs += 60_000;
      const { runId } = await registry.request('customer-sync', engine, JOIN);
      await registry.finish('customer-sync', runId, { requests: 1, counts: {} });
      ids.unshift(runId);
    }
    const first = await registry.list('customer-sync', 2);
    const second = await registry.list('customer-sync', 2, first.after);
    expect([...first.items, ...second.items].map(({ runId }) => runId)).toEqual(ids);
    expect((await registry.latest('customer-sync'))?.runId).toBe(ids[0]);
  });

  it('do nothing when they are started again after their end', async () => {
    const { runId } = await registry.request('P-0001', engine, REFUSE);
    await registry.finish('P-0001', runId, { requests: 1, counts: {} });
    expect(await registry.begin('P-0001', runId)).toBeUndefined();
    await registry.request('P-0001', engine, REFUSE);
    expect(await registry.begin('P-0001', runId)).toBeUndefined();
    expect(await registry.finish('P-0001', runId, { requests: 1, error: 'late' })).toBeUndefined();
    expect(await registry.find('P-0001', runId, engine)).toMatchObject({ status: 'Completed', error: null });
  });
});

describe('A5 A6 E5 runs after a death', () => {
  it('are started by who asks next when they were claimed and not started', async () => {
    engine.beforeStart = async () => {
      throw new Error('the host died');
    };
    await expect(registry.request('P-0001', engine, REFUSE)).rejects.toThrow();
    engine.beforeStart = async () => {};
    const young = await registry.request('P-0001', engine, REFUSE);
    expect(young.outcome).toBe('running');
    nowMs += 10_001;
    expect(await registry.request('P-0001', engine, REFUSE)).toEqual({ runId: young.runId, outcome: 'started' });
    expect(engine.starts).toEqual([`cdxUpload ${young.runId}`]);
  });

  it('are started by who looks at them', async () => {
    engine.beforeStart = async () => {
      throw new Error('the host died');
    };
    await expect(registry.request('P-0001', engine, REFUSE)).rejects.toThrow();
    engine.beforeStart = async () => {};
    nowMs += 10_001;
    const run = await registry.latest('P-0001');
    await registry.find('P-0001', run?.runId ?? '', engine);
    expect(engine.starts).toEqual([`cdxUpload ${run?.runId}`]);
  });

  it.each([JOIN, REFUSE])('are buried when their instance is gone, and a new one begins (%o)', async (how) => {
    const { runId } = await registry.request('1010', engine, how);
    await registry.begin('1010', runId);
    engine.states.set(runId, 'ended');
    const next = await registry.request('1010', engine, how);
    expect(next.outcome).toBe('started');
    expect(next.runId).not.toBe(runId);
    const buried = await registry.find('1010', runId, engine);
    expect(buried).toMatchObject({ status: 'Failed', error: expect.stringContaining('without a word') });
  });

  it('say so when they fail, also when somebody has joined', async () => {
    const { runId } = await registry.request('1010', engine, JOIN);
    await registry.request('1010', engine, JOIN);
    await registry.finish('1010', runId, { requests: 0, error: 'storage is down' });
    expect(await registry.find('1010', runId, engine)).toMatchObject({ status: 'Failed', error: 'storage is down' });
  });

  it('come to a proper end after whatever write somebody died', async () => {
    let deaths = 0;
    for (let atWrite = 0; ; atWrite++) {
      nowMs += 60_000;
      const crash = crashAfter(atWrite);
      const dying = open([crash.policy]);
      const life = async () => {
        const { runId } = await dying.request('customer-sync', engine, JOIN);
        await dying.begin('customer-sync', runId);
        await dying.finish('customer-sync', runId, { requests: 1, counts: { applied: 1 } });
      };
      await life().catch(() => undefined);

      nowMs += 60_000;
      const { runId } = await registry.request('customer-sync', engine, JOIN);
      const turn = await registry.begin('customer-sync', runId);
      expect(turn, `after write ${atWrite}`).toBeDefined();
      await registry.finish('customer-sync', runId, { requests: turn?.requests ?? 0, counts: {} });
      const { items } = await registry.list('customer-sync', 100);
      expect(items.filter(({ status }) => status !== 'Completed')).toEqual([]);
      expect(items.every(({ startedOn, completedOn }) => startedOn !== null && completedOn !== null)).toBe(true);
      if (!crash.isDead) break;
      deaths++;
    }
    expect(deaths).toBeGreaterThan(4);
  });
});
