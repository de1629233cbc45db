/** What the server answers by itself: before the app is loaded, and to requests that don't reach it. */
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpHost } from '../../../../local/http/http-host.ts';
import { silentLog } from '../../../../local/log.ts';
import { listen } from '../../../../local/ports.ts';

let http: HttpHost;
let port: number;
beforeEach(async () => {
  http = new HttpHost({ log: silentLog });
  port = await listen(http.server, { port: 0 });
});
afterEach(() => http.close());

/** All that comes back for what is sent, byte by byte. */
function exchange(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (data) => {
      answer += data.toString();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

describe('a starting host', () => {
  it('answers 503 with problem details, and its state', async () => {
    const response = await fetch(`http://127.0.0.1:${port}/api/health`);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(await response.json()).toMatchObject({ type: '/problems/host-not-running', status: 503 });
    const status = await fetch(`http://127.0.0.1:${port}/admin/host/status`);
    expect(await status.json()).toMatchObject({ state: 'Starting' });
  });
});

describe('a request that does not reach the app', () => {
  it.each([
    ['GARBAGE /api/health HTTP/1.1', '404 Not Found'],
    ['GET /api/health HTTP/9.9', '400 Bad Request'],
  ])('%s gets an empty %s, as from the Functions host', async (line, status) => {
    const answer = await exchange(`${line}\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
    expect(answer.startsWith(`HTTP/1.1 ${status}\r\n`)).toBe(true);
    expect(answer).toContain('content-length: 0');
  });

  it('is refused by a foreign name before anything else', async () => {
    const answer = await exchange('GET /admin/host/status HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n');
    expect(answer).toContain('HTTP/1.1 403 ');
    expect(answer).toContain('SPILLWAY_HOST_NAMES');
  });
});
