import { randomUUID } from 'node:crypto';
import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiClient } from '../../../local/demo/api-client.ts';
import { switchOnAsynchronousMode } from '../../../local/demo/asynchronous-mode.ts';
import { eventually, type SpawnedHost, spawnLocalHost } from '../../support/local-host.ts';

let host: SpawnedHost;
let token: string;
let client: ServiceBusClient;
beforeAll(async () => {
  host = await spawnLocalHost();
  token = await host.token('--role', 'Administrator');
  client = new ServiceBusClient(host.serviceBus);
  const made = await call('PUT', '/api/channels/pos-1', {
    name: 'POS 1',
    kind: 'POS',
    profile: { createCustomerInAsyncMode: true },
  });
  expect(made.status).toBe(201);
  await switchOnAsynchronousMode(new ApiClient(host.url, token));
});
afterAll(async () => {
  await client.close();
  await host.dispose();
});

async function call<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const response = await host.fetch(path, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as T };
}

interface View {
  name: string;
  phone?: string;
}
const view = async (id: string) => (await call<View>('GET', `/api/channels/pos-1/customers/${id}`)).body;
const send = (sessionId: string, lines: readonly Record<string, unknown>[]) =>
  client
    .createSender('channel-changes')
    .sendMessages(lines.map((line) => ({ sessionId, messageId: randomUUID(), body: { channel: 'pos-1', ...line } })));
const create = (customerAsyncId: string) => ({
  operation: 'createCustomer',
  key: `create-${customerAsyncId}`,
  customerAsyncId,
  body: { name: 'Zoë Ångström' },
});
const edit = (customerAsyncId: string, phone: string) => ({
  operation: 'editCustomer',
  key: `edit-${customerAsyncId}-${phone}`,
  customerAsyncId,
  body: { phone },
});

interface DeadLetters {
  items: { messageId: string; reason: string; refusal: { detail: string; status: number }; body: unknown }[];
}
const deadLetters = async () => (await call<DeadLetters>('GET', '/api/channel-changes/dead-letters')).body.items;
const deadOf = (key: string) =>
  eventually(async () => (await deadLetters()).find(({ body }) => (body as { key?: string }).key === key));

describe('E1 offline changes over the queue', () => {
  it('are taken in order, once however often they are sent', async () => {
    const id = randomUUID();
    const lines = [create(id), ...Array.from({ length: 8 }, (_, at) => edit(id, String(at)))];
    await send(id, [...lines, ...lines.slice(0, 4)]);
    await eventually(async () => ((await view(id)).phone === '7' ? true : undefined));
    // A last change, so that what was sent before it has been dealt with.
    await send(id, [edit(id, 'last')]);
    await eventually(async () => ((await view(id)).phone === 'last' ? true : undefined));
    await call('POST', '/api/cdx-jobs/P-0001/runs', {});
    interface Operations {
      items: { operation: string; attributes: { name: string; new: unknown }[] }[];
    }
    const operations = await eventually(async () => {
      const { body } = await call<Operations>('GET', `/api/customer-sync/operations?asyncCustomer=${id}`);
      return body.items.length >= 10 ? body.items : undefined;
    });
    expect(operations).toHaveLength(10);
    expect((await deadLetters()).filter(({ body }) => JSON.stringify(body).includes(id))).toEqual([]);
  });

  it('are not lost when the host is killed while it takes them', async () => {
    const ids = Array.from({ length: 5 }, () => randomUUID());
    for (const id of ids) await send(id, [create(id), edit(id, '1'), edit(id, '2'), edit(id, '3')]);
    await host.kill9();
    void client.close();
    await host.restart();
    client = new ServiceBusClient(host.serviceBus);
    for (const id of ids) await eventually(async () => ((await view(id)).phone === '3' ? true : undefined));
  });

  it('that are refused go to the dead-letter queue with the reason, and can be put back once the cause is gone', async () => {
    const id = randomUUID();
    const key = `early-${id}`;
    await send(id, [{ ...edit(id, 'early'), key }]);
    const dead = await deadOf(key);
    expect(dead.reason).toBe('MaxDeliveryCountExceeded');
    expect(dead.refusal).toMatchObject({ status: 404, detail: expect.stringContaining(id) });
    await send(id, [create(id)]);
    await eventually(async () => ((await view(id)).name === 'Zoë Ångström' ? true : undefined));
    const other = await call('POST', '/api/channel-changes/dead-letters/requeue', { messageIds: ['another'] });
    expect(other.body).toEqual({ requeued: 0, more: false });
    const back = await call('POST', '/api/channel-changes/dead-letters/requeue', { messageIds: [dead.messageId] });
    expect(back).toMatchObject({ status: 200, body: { requeued: 1, more: false } });
    await eventually(async () => ((await view(id)).phone === 'early' ? true : undefined));
    expect((await deadLetters()).some(({ messageId }) => messageId === dead.messageId)).toBe(false);
  });

  it('that make no sense do not stop what others send', async () => {
    const id = randomUUID();
    const sender = client.createSender('channel-changes');
    await sender.sendMessages([
      { sessionId: 'junk', messageId: 'junk-1', body: 'no JSON at all' },
      { sessionId: 'junk', messageId: 'junk-2', body: { channel: 'nowhere', ...create(randomUUID()) } },
    ]);
    await send(id, [create(id)]);
    await eventually(async () => ((await view(id)).name === 'Zoë Ångström' ? true : undefined));
    const dead = await eventually(async () => {
      const found = (await deadLetters()).filter(({ messageId }) => messageId.startsWith('junk-'));
      return found.length === 2 ? found : undefined;
    });
    expect(dead.map(({ refusal }) => refusal.status).sort()).toEqual([400, 404]);
  });
});
