import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, FIXTURE_APP_PATH, type SpawnedHost, spawnLocalHost } from '../../support/local-host.ts';

let host: SpawnedHost;
beforeAll(async () => {
  host = await spawnLocalHost({ projectPath: FIXTURE_APP_PATH });
});
afterAll(() => host?.dispose());

const status = (id: string) =>
  host.getJson<{ runtimeStatus: string; output: unknown }>(`/runtime/webhooks/durabletask/instances/${id}`);

describe('an orchestration', () => {
  it('is started by the app’s own durable client, and goes on after the host was killed (E5, E6)', async () => {
    const started = await host.fetch('/api/greetings/g1', { method: 'POST', body: 'Ada' });
    expect(started.status).toBe(202);
    expect(started.headers.get('location')).toContain(`${host.url}/runtime/webhooks/durabletask/instances/g1`);
    await eventually(async () => (await status('g1')).runtimeStatus === 'Running' || undefined);
    await host.kill9();
    await host.restart();
    const raised = await host.fetch('/runtime/webhooks/durabletask/instances/g1/raiseEvent/name', {
      method: 'POST',
      body: '"Grace"',
      headers: { 'content-type': 'application/json' },
    });
    expect(raised.status).toBe(202);
    const ended = await eventually(async () => {
      const now = await status('g1');
      return now.runtimeStatus === 'Running' ? undefined : now;
    });
    expect(ended).toMatchObject({ runtimeStatus: 'Completed', output: ['Hello Ada', 'Hello Grace'] });
  });

  it('that nobody started is unknown to the management API', async () => {
    expect((await host.fetch('/runtime/webhooks/durabletask/instances/nope')).status).toBe(404);
    expect((await host.fetch('/runtime/webhooks/durabletask/nonsense')).status).toBe(404);
  });
});
