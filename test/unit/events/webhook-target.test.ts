/** Bugs hunted: a webhook that reaches into our own network, by an address in any spelling or by a name. */
import type { LookupAddress, lookup } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { guardedLookup, webhookUrlProblem } from '../../../shared/events/webhook-target.ts';

const strict = { allowsLoopback: false };
const relaxed = { allowsLoopback: true };

describe('E1 the address of a webhook', () => {
  it.each([
    'https://example.org/hook',
    'https://8.8.8.8/',
    'https://172.32.0.1/',
    'https://[2606:4700::1111]/',
    'https://localhost.example.org/',
  ])('%s is taken', (text) => {
    expect(webhookUrlProblem(text, strict)).toBeUndefined();
  });

  it.each([
    ['http://example.org/', 'https://'],
    ['http://localhost.example.org/', 'https://'],
    ['http://10.0.0.1/', 'https://'],
    ['ftp://example.org/', 'https://'],
    ['https://user:pass@example.org/', 'password'],
    ['example.org', 'absolute'],
    ['https://169.254.169.254/latest/meta-data', 'link-local'],
    ['https://10.1.2.3/', 'private'],
    ['https://172.16.0.1/', 'private'],
    ['https://192.168.1.1/', 'private'],
    ['https://100.100.100.200/', 'private'],
    ['https://0.0.0.0/', 'private'],
    ['https://0xa9fea9fe/', 'private'],
    ['https://2852039166/', 'private'],
    ['https://10.0.0.1./', 'private'],
    ['https://[fe80::1]/', 'private'],
    ['https://[fd00::1]/', 'private'],
    ['https://[::]/', 'private'],
    ['https://[::ffff:10.0.0.1]/', 'private'],
    ['https://[64:ff9b::a00:1]/', 'private'],
  ])('%s is refused, loopback allowed or not: %s', (text, problem) => {
    for (const rules of [strict, relaxed]) expect(webhookUrlProblem(text, rules)).toContain(problem);
  });

  it.each([
    'http://localhost:8080/',
    'https://hook.localhost/',
    'https://localhost./',
    'http://127.0.0.1/',
    'https://127.8.9.1/',
    'http://2130706433/',
    'http://[::1]/',
    'https://[::ffff:127.0.0.1]/',
  ])('%s is taken where a setting allows this machine', (text) => {
    expect(webhookUrlProblem(text, relaxed)).toBeUndefined();
    expect(webhookUrlProblem(text, strict)).toContain('SPILLWAY_WEBHOOK_LOOPBACK');
  });
});

describe('E1 the name of a webhook', () => {
  /** What a connection to a name that resolves to these addresses is given. */
  const connect = (addresses: readonly string[], rules = strict) =>
    new Promise<unknown>((resolve) => {
      const found: LookupAddress[] = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
      const fake = (_name: string, _options: object, done: (error: Error | null, all: LookupAddress[]) => void) =>
        done(addresses.length === 0 ? new Error('ENOTFOUND') : null, found);
      guardedLookup(rules, fake as unknown as typeof lookup)('hook.example.org', {}, (error, address) =>
        resolve(error?.message ?? address),
      );
    });

  it('leads where it resolves to', async () => {
    expect(await connect(['93.184.216.34', '2606:4700::1111'])).toBe('93.184.216.34');
    expect(await connect(['127.0.0.1'], relaxed)).toBe('127.0.0.1');
  });

  it.each([[['10.0.0.1']], [['93.184.216.34', '169.254.169.254']], [['fd00::1']], [['127.0.0.1']]])(
    'is not followed to %j',
    async (addresses) => {
      expect(await connect(addresses)).toMatch(/^hook\.example\.org leads (?:into|to)/);
    },
  );

  it('that is unknown says so', async () => {
    expect(await connect([])).toBe('ENOTFOUND');
  });
});
