import { createHmac, randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, type SpawnedHost, spawnLocalHost } from '../../support/local-host.ts';

const SECRET = 'a secret of some length';

let host: SpawnedHost;
let token: string;
let server: Server;
const got: { headers: IncomingHttpHeaders; body: string }[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      got.push({ headers: request.headers, body: Buffer.concat(parts).toString() });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = await spawnLocalHost();
  token = await host.token('--role', 'Administrator');
});
afterAll(async () => {
  await host.dispose();
  await new Promise((resolve) => server.close(resolve));
});

async function call(
  method: string,
  path: string,
  body: unknown,
  more: Record<string, string> = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...more };
  const response = await host.fetch(path, { method, headers, body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json().catch(() => ({}))) as Record<string, unknown> };
}

describe('E1 events over the webhook', () => {
  it('come signed, also while timers are off, and the secret is never answered', async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    const fresh = { 'if-match': '"0"' };
    const refused = await call('PATCH', '/api/settings', { webhook: { url } }, fresh);
    expect(refused).toMatchObject({ status: 422 });
    const changed = await call('PATCH', '/api/settings', { webhook: { url, secret: SECRET } }, fresh);
    expect(changed).toMatchObject({ status: 200, body: { webhook: { url, hasSecret: true } } });
    expect(JSON.stringify(changed.body)).not.toContain(SECRET);
    const account = randomUUID();
    await call('POST', '/api/tables/account', { id: account, name: 'Anna' });
    const { body } = await call('POST', `/api/tables/account/${account}/assign`, { ownerId: 'admin', mode: 'async' });
    const types = () => got.map((post) => JSON.parse(post.body) as { type: string; key: string });
    await eventually(async () => (types().some(({ type }) => type === 'jobCompleted') ? true : undefined), 40_000);
    expect(types().map(({ type, key }) => [type, key])).toEqual([
      ['jobCreated', body.jobId],
      ['jobCompleted', body.jobId],
    ]);
    for (const post of got) {
      const [, seconds = '', digest] =
        /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(post.headers['spillway-signature'])) ?? [];
      expect(digest).toBe(createHmac('sha256', SECRET).update(`${seconds}.${post.body}`).digest('hex'));
    }
  });
});
