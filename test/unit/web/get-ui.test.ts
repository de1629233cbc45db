import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getUi } from '../../../functions/web/get-ui.ts';
import { serve, type TestCall } from '../../support/http-call.ts';

let parent: string;
let call: TestCall;
let unbuilt: TestCall;

beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), 'spillway-page-'));
  const folder = join(parent, 'web');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(parent, 'secret.js'), 'secret');
  writeFileSync(join(folder, 'index.html'), '<meta nonce="nonce-of-this-answer"><script src="/api/ui/assets/a-1.js">');
  for (const [name, text] of [
    ['a-1.js', 'plain'],
    ['a-1.js.br', 'brotli'],
    ['a-1.js.gz', 'gzip'],
    ['note.txt', 'of no type that is served'],
  ] as const)
    writeFileSync(join(folder, 'assets', name), text);
  call = serve([getUi({ folder })]);
  unbuilt = serve([getUi({ folder: join(parent, 'nothing') })]);
});
afterAll(() => rmSync(parent, { recursive: true }));

const textOf = (body: unknown) => Buffer.from(body as Uint8Array).toString('utf8');

describe('E2 E4 the page’s files', () => {
  it.each(['/ui', '/ui/', '/ui/jobs/1', '/ui/..%2Fsecret.js', '/ui/..%5Csecret.js', '/ui/index.html'])(
    'at %s are its frame, never kept, under a policy without inline scripts',
    async (path) => {
      const { status, headers, body } = await call('GET', `/api${path}`);
      const policy = headers['Content-Security-Policy'] ?? '';
      const [, nonce = ''] = /'nonce-([^']+)'/.exec(policy) ?? [];
      expect(status).toBe(200);
      expect(body).toContain(`<meta nonce="${nonce}">`);
      expect(nonce.length).toBeGreaterThan(20);
      expect(policy).toContain("script-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(headers).toMatchObject({
        'Cache-Control': 'no-cache',
        'X-Content-Type-Options': 'nosniff',
        'Referrer-Policy': 'no-referrer',
      });
    },
  );

  it('have another nonce in each answer', async () => {
    const policies = await Promise.all([call('GET', '/api/ui'), call('GET', '/api/ui')]);
    expect(new Set(policies.map(({ headers }) => headers['Content-Security-Policy'])).size).toBe(2);
  });

  it.each([
    ['br, gzip', 'brotli', 'br'],
    ['gzip, deflate', 'gzip', 'gzip'],
    ['br;q=0, gzip;q=0.5', 'gzip', 'gzip'],
    ['', 'plain', undefined],
  ] as const)('come to a browser that takes "%s" as %s, to be kept for good', async (accepted, text, coding) => {
    const { headers, body } = await call('GET', '/api/ui/assets/a-1.js', { headers: { 'accept-encoding': accepted } });
    expect(textOf(body)).toBe(text);
    expect(headers['Content-Encoding']).toBe(coding);
    expect(headers).toMatchObject({
      'Content-Type': 'text/javascript; charset=utf-8',
      'Cache-Control': 'public, max-age=31536000, immutable',
      Vary: 'Accept-Encoding',
      'X-Content-Type-Options': 'nosniff',
    });
  });

  it.each(['a-0.js', 'note.txt', '..%2F..%2Fsecret.js'])('are no others: assets/%s', async (name) => {
    const { status, body } = await call('GET', `/api/ui/assets/${name}`);
    expect(status).toBe(404);
    expect(body).toMatchObject({ detail: 'The page was built anew. Load it again.' });
  });

  it('say what to do where the page is not built', async () => {
    const { status, body } = await unbuilt('GET', '/api/ui');
    expect(status).toBe(404);
    expect(body).toMatchObject({ detail: expect.stringContaining('npm run build') });
  });
});
