import { randomUUID } from 'node:crypto';
import { ServiceBusClient, type ServiceBusReceivedMessage } from '@azure/service-bus';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventSchema } from '../../../shared/events/event.ts';
import { eventually, type SpawnedHost, spawnLocalHost } from '../../support/local-host.ts';

let host: SpawnedHost;
let token: string;
beforeAll(async () => {
  host = await spawnLocalHost();
  token = await host.token('--role', 'Administrator');
});
afterAll(() => host.dispose());

const headers = () => ({ authorization: `Bearer ${token}`, 'content-type': 'application/json' });
const post = (path: string, body: unknown) =>
  host.fetch(path, { method: 'POST', headers: headers(), body: JSON.stringify(body) });
const drainNow = () => post('/admin/functions/drainEvents', {});

describe('E1 events over the topic', () => {
  it('come in order for a job, also when the host was killed before they were sent', async () => {
    const account = randomUUID();
    await post('/api/tables/account', { id: account, name: 'Anna' });
    const started = await post(`/api/tables/account/${account}/assign`, { ownerId: 'admin', mode: 'async' });
    const { jobId } = (await started.json()) as { jobId: string };
    await eventually(async () => {
      const job = await host.fetch(`/api/system-jobs/${jobId}`, { headers: headers() });
      return ((await job.json()) as { status: string }).status === 'Completed' || undefined;
    });
    await host.kill9();
    await host.restart();
    const client = new ServiceBusClient(host.serviceBus);
    try {
      await drainNow();
      const session = await client.acceptSession('spillway-events', 'by-key', jobId);
      const got: ServiceBusReceivedMessage[] = [];
      while (got.length < 2) got.push(...(await session.receiveMessages(2, { maxWaitTimeInMs: 15_000 })));
      const events = got.map(({ body }) => eventSchema.parse(body));
      expect(events.map(({ type, key }) => [type, key])).toEqual([
        ['jobCreated', jobId],
        ['jobCompleted', jobId],
      ]);
      expect(got.map(({ messageId }) => messageId)).toEqual(events.map(({ id }) => id));
      const outbox = await eventually(async () => {
        const response = await host.fetch('/api/events/outbox', { headers: headers() });
        const body = (await response.json()) as { waiting: { keys: number } };
        return body.waiting.keys === 0 ? body : undefined;
      });
      expect(outbox).toMatchObject({ topic: { name: 'spillway-events', isSetUp: true }, webhook: { isSetUp: false } });
    } finally {
      await client.close();
    }
  });
});
