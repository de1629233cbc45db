import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SpillwayEvent } from '../../../shared/events/event.ts';
import { createWebhook } from '../../../shared/events/webhook.ts';
import { brokenRules, defaultSettings, toSettingsBody } from '../../../shared/settings/settings.ts';

const SECRET = 'a secret of some length';
const event = (sequence: number): SpillwayEvent => ({
  id: `k.${sequence}`,
  key: 'k',
  sequence,
  occurredOn: '2026-03-01T12:00:00.000Z',
  type: 'customerSynchronized',
  data: { customerId: 'k', accountNumber: null, operationIds: ['Zoë'] },
});

let server: Server;
let url: string;
let got: { headers: IncomingMessage['headers']; body: string }[];
let statuses: number[];
beforeEach(async () => {
  got = [];
  statuses = [];
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      got.push({ headers: request.headers, body: Buffer.concat(parts).toString() });
      response.writeHead(statuses.shift() ?? 204, { location: 'http://127.0.0.1:1/' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const webhook = (allowsLoopback = true) =>
  createWebhook({ url, secret: SECRET, now: () => 1_700_000_000_500, allowsLoopback });

describe('E1 the webhook', () => {
  it('posts each event with a signature over time and body', async () => {
    expect(await webhook().send([event(1), event(2)])).toEqual({ taken: 2 });
    expect(got.map(({ body }) => JSON.parse(body))).toEqual([event(1), event(2)]);
    for (const { headers, body } of got) {
      const digest = createHmac('sha256', SECRET).update(`1700000000.${body}`).digest('hex');
      expect(headers['spillway-signature']).toBe(`t=1700000000,v1=${digest}`);
    }
    expect(got[0]?.headers['spillway-event-id']).toBe('k.1');
  });

  it.each([500, 404, 302])('stops at the first event that is answered %i', async (status) => {
    statuses = [200, status];
    const result = await webhook().send([event(1), event(2), event(3)]);
    expect(result).toEqual({ taken: 1, error: `The webhook answered ${status}.` });
    expect(got).toHaveLength(2);
  });

  it('says so when nobody listens', async () => {
    const nobody = createWebhook({ url: 'http://127.0.0.1:1/', secret: SECRET, now: Date.now, allowsLoopback: true });
    expect(await nobody.send([event(1)])).toMatchObject({
      taken: 0,
      error: expect.stringContaining("can't be reached"),
    });
  });

  it('posts nothing to this machine unless a setting allows it', async () => {
    const result = await webhook(false).send([event(1)]);
    expect(result).toMatchObject({ taken: 0, error: expect.stringContaining('SPILLWAY_WEBHOOK_LOOPBACK') });
    expect(got).toEqual([]);
  });

  it('needs a secret, which is never answered back', () => {
    const settings = {
      ...defaultSettings({ timersEnabled: true, disabledPlugins: [] }),
      webhook: { url: 'http://a.b', secret: 'short' },
    };
    expect(brokenRules(settings).map(({ at }) => at)).toEqual(['webhook.url', 'webhook.secret']);
    const good = { ...settings, webhook: { url: 'https://a.b', secret: SECRET } };
    expect(brokenRules(good)).toEqual([]);
    expect(toSettingsBody(good)).toMatchObject({ webhook: { url: 'https://a.b', hasSecret: true } });
    expect(JSON.stringify(toSettingsBody(good))).not.toContain(SECRET);
  });
});
