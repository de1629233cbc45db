/** Bugs hunted: a web page that has a browser steer the host: by a name of its own, by its origin, by a form. */
import { describe, expect, it } from 'vitest';
import { guard, parseHostNames } from '../../../../local/http/guard.ts';

const START = '/runtime/webhooks/durabletask/orchestrators/x';

function judge(options: {
  host?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string;
  hostNames?: string;
}): number | undefined {
  const { host = '127.0.0.1:7071', path = START, headers = {}, body = '', hostNames } = options;
  const request = { method: 'POST', url: `http://${host}${path}`, headers, body: Buffer.from(body) };
  return guard(request, parseHostNames(hostNames))?.status;
}

describe('the guard of /admin and /runtime', () => {
  it.each(['127.0.0.1:7071', 'localhost:7071', 'LOCALHOST', '[::1]:7071', '127.0.0.2'])('lets in by %s', (host) => {
    expect(judge({ host })).toBeUndefined();
  });

  it.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '10.0.0.1', 'devbox'])(
    'refuses the name %s unless a setting has it',
    (host) => {
      for (const path of [START, '/admin/host/status', '/ADMIN', '/durabletask/instances']) {
        expect(judge({ host, path })).toBe(403);
      }
      expect(judge({ host: `${host}:80`, hostNames: ` other, ${host.toUpperCase()} ` })).toBeUndefined();
    },
  );

  it('takes the origin of its own pages alone', () => {
    for (const origin of ['http://evil.example', 'http://localhost:7071', 'http://127.0.0.1:8080', 'null', '']) {
      expect(judge({ headers: { origin } })).toBe(403);
    }
    expect(judge({ headers: { origin: 'http://127.0.0.1:7071' } })).toBeUndefined();
    expect(judge({ host: 'devbox', hostNames: 'devbox', headers: { origin: 'https://devbox' } })).toBeUndefined();
  });

  it.each([undefined, 'text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', 'text/json'])(
    'takes no body of type %s',
    (type) => {
      const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
      expect(judge({ headers, body: '{}' })).toBe(415);
      expect(judge({ headers, body: '{}', path: '/admin/functions/tick' })).toBe(415);
      expect(judge({ headers, path: '/runtime/webhooks/durabletask/instances/x/terminate' })).toBeUndefined();
    },
  );

  it('takes JSON, and leaves the type of an event to the durable API, which answers as the Functions host does', () => {
    expect(judge({ headers: { 'content-type': 'application/json; charset=utf-8' }, body: '{}' })).toBeUndefined();
    const path = '/runtime/webhooks/durabletask/instances/x/raiseEvent/go';
    expect(judge({ path, headers: { 'content-type': 'text/plain' }, body: 'x' })).toBeUndefined();
  });

  it.each(['/admin/functions/%zz', '/runtime/webhooks/durabletask/instances/%', '/admin/%c3%28'])(
    'answers 400 to the malformed escape in %s',
    (path) => {
      expect(judge({ path })).toBe(400);
    },
  );

  it('leaves the app’s own addresses alone', () => {
    const headers = { origin: 'http://evil.example', 'content-type': 'text/plain' };
    expect(judge({ host: 'evil.example', path: '/api/%zz', headers, body: 'x' })).toBeUndefined();
    expect(judge({ host: 'evil.example', path: '/administrator' })).toBeUndefined();
  });
});
