/** The engine's log stays short, and nothing is lost on the way; also when the host dies in the middle of it. */
import { fileURLToPath } from 'node:url';
import { TableClient } from '@azure/data-tables';
import { describe, expect, inject, it } from 'vitest';
import { type CrashMode, crashAt } from './support/crash-at.ts';
import { type Hub, newTaskHubName, openHub } from './support/hub.ts';

const entryPoint = fileURLToPath(new URL('./support/engine-app.cjs', import.meta.url));
const SHORT = { entryPoint, logEntriesPerSegment: 4 };

async function rowKeys(table: string): Promise<string[]> {
  const client = TableClient.fromConnectionString(inject('azuriteConnectionString'), table, {
    allowInsecureConnection: true,
  });
  const keys: string[] = [];
  for await (const row of client.listEntities()) keys.push(row.rowKey ?? '');
  return keys;
}

/** Instances that change no more, change seldom, are large, are purged, and one that keeps the log growing. */
async function work(hub: Hub, rounds: number): Promise<void> {
  await hub.start('chain', 'ended', { id: 'ended', steps: 2 });
  await hub.start('sleeper', 'asleep', 3600);
  await hub.start('collect', 'collector');
  await hub.start('large', 'large', { length: 600_000, letter: 'x' });
  await hub.settled();
  await hub.raise('collector', 'E', 'early');
  await hub.start('chain', 'purged', { id: 'purged', steps: 1 });
  await hub.settled();
  await hub.call('DELETE', 'instances/purged');
  await hub.start('rounds', 'loop', { round: 0, last: rounds });
  await hub.settled();
}

async function finish(hub: Hub): Promise<void> {
  await hub.raise('large', 'text', 'x'.repeat(600_000));
  await hub.raise('collector', 'E', 'late');
  await hub.raise('collector', 'E', 'stop');
  await hub.advance(3_600_000);
}

async function expectAllThere(hub: Hub, rounds: number): Promise<void> {
  expect(await hub.status('ended')).toMatchObject({ runtimeStatus: 'Completed', output: 2 });
  expect(await hub.status('asleep')).toMatchObject({ runtimeStatus: 'Completed', output: 'awake' });
  expect(await hub.status('collector')).toMatchObject({ output: ['early', 'late'] });
  expect(await hub.status('loop')).toMatchObject({ runtimeStatus: 'Completed', output: rounds });
  expect((await hub.status('large')).output).toMatchObject({ counted: 600_000, same: true });
  expect((await hub.call('GET', 'instances/purged')).status).toBe(404);
}

describe('the log', () => {
  it('keeps a few segments however much happens, and a restart restores everything', async () => {
    const hub = await openHub(SHORT);
    await work(hub, 40);
    await hub.host.drain(1000);
    expect((await rowKeys(`${hub.taskHubName}DurableLog`)).length).toBeLessThan(30);
    const next = await openHub({ ...SHORT, taskHubName: hub.taskHubName });
    await finish(next);
    await expectAllThere(next, 40);
    await next.host.drain(1000);
    const last = await openHub({ ...SHORT, taskHubName: hub.taskHubName });
    await expectAllThere(last, 40);
  });

  it('leaves no snapshot of a purged instance behind once its segment is gone', async () => {
    const hub = await openHub(SHORT);
    await hub.start('chain', 'purged', { id: 'purged', steps: 1 });
    await hub.start('rounds', 'loop', { round: 0, last: 20 });
    await hub.settled();
    const before = await rowKeys(`${hub.taskHubName}DurableInstances`);
    await hub.call('DELETE', 'instances/purged');
    await hub.call('DELETE', 'instances/loop');
    await hub.start('rounds', 'other', { round: 0, last: 20 });
    await hub.settled();
    await hub.host.drain(1000);
    const after = await rowKeys(`${hub.taskHubName}DurableInstances`);
    expect(before).toHaveLength(2);
    expect(after).toHaveLength(1);
    expect(before).not.toContain(after[0]);
  });

  it.each<CrashMode>(['before the write', 'after the write'])(
    'loses nothing when the host dies %s, at any write of its shortening (E5)',
    async (mode) => {
      const rounds = 8;
      const counting = crashAt(Number.POSITIVE_INFINITY, mode);
      const hub = await openHub({ ...SHORT, storagePolicies: [counting.policy] });
      await work(hub, rounds);
      await hub.host.drain(1000);
      // The writes before are those of crashes.test.ts; from here on segments are dropped.
      for (let write = 15; write <= counting.writes(); write++) {
        const taskHubName = newTaskHubName();
        const crash = crashAt(write, mode);
        const dying = await openHub({ ...SHORT, taskHubName, storagePolicies: [crash.policy] });
        await work(dying, rounds).catch(() => {});
        const next = await openHub({ ...SHORT, taskHubName });
        await workAgain(next, rounds);
        await finish(next);
        await expectAllThere(next, rounds);
        await next.host.drain(0);
      }
    },
    180_000,
  );
});

/** Asks again for what the crash kept from being accepted. */
async function workAgain(hub: Hub, rounds: number): Promise<void> {
  const ensure = async (name: string, id: string, input: unknown) => {
    if ((await hub.call('GET', `instances/${id}`)).status === 404) await hub.start(name, id, input);
  };
  await ensure('chain', 'ended', { id: 'ended', steps: 2 });
  await ensure('sleeper', 'asleep', 3600);
  await ensure('collect', 'collector', null);
  await ensure('large', 'large', { length: 600_000, letter: 'x' });
  await hub.settled();
  const heard = (await hub.status('collector', '?showHistory=true')).historyEvents ?? [];
  if (!heard.some(({ EventType }) => EventType === 'EventRaised')) await hub.raise('collector', 'E', 'early');
  await hub.call('DELETE', 'instances/purged');
  await ensure('rounds', 'loop', { round: 0, last: rounds });
  await hub.settled();
}
