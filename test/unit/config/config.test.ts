import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from '../../../shared/config/config.ts';

const KEY_SET = '{"keys":[{"kty":"EC","crv":"P-256","x":"eA","y":"eQ","kid":"k"}]}';

const good = {
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
  AUTH_ISSUER: 'https://issuer.test/',
  AUTH_AUDIENCE: 'spillway',
  AUTH_JWKS: KEY_SET,
};

function errorOf(env: Record<string, string | undefined>): ConfigError {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the environment was taken');
}

describe('the environment', () => {
  it('gives storage, issuer, audience and keys, with timers on unless said otherwise', () => {
    expect(loadConfig(good)).toEqual({
      storageConnection: 'UseDevelopmentStorage=true',
      authIssuer: 'https://issuer.test/',
      authAudience: 'spillway',
      authKeySet: { kind: 'inline', keySet: JSON.parse(KEY_SET) },
      timersEnabled: true,
      webhookLoopback: false,
      checkAnswers: false,
      storageHookPath: undefined,
      parallelTransactions: 8,
    });
  });

  it('takes how many transactions of cascades are under way at a time', () => {
    expect(loadConfig({ ...good, SPILLWAY_PARALLEL_TRANSACTIONS: '2' }).parallelTransactions).toBe(2);
    expect(errorOf({ ...good, SPILLWAY_PARALLEL_TRANSACTIONS: '0' }).keys).toEqual(['SPILLWAY_PARALLEL_TRANSACTIONS']);
  });

  it('keeps the webhook off the own machine unless told otherwise', () => {
    expect(loadConfig({ ...good, SPILLWAY_WEBHOOK_LOOPBACK: 'true' }).webhookLoopback).toBe(true);
    expect(errorOf({ ...good, SPILLWAY_WEBHOOK_LOOPBACK: 'perhaps' }).keys).toEqual(['SPILLWAY_WEBHOOK_LOOPBACK']);
  });

  it('prefers SPILLWAY_STORAGE over the storage of the Functions host', () => {
    const own = 'AccountName=own;AccountKey=a2V5';
    expect(loadConfig({ ...good, SPILLWAY_STORAGE: own }).storageConnection).toBe(own);
    expect(loadConfig({ ...good, AzureWebJobsStorage: undefined, SPILLWAY_STORAGE: own }).storageConnection).toBe(own);
  });

  it('names the module that makes storage fail in tests', () => {
    expect(loadConfig({ ...good, SPILLWAY_STORAGE_HOOK: 'hook.mjs' }).storageHookPath).toBe('hook.mjs');
  });

  it.each(['false', '0', 'no', 'off'])('reads "%s" as timers off', (value) => {
    expect(loadConfig({ ...good, SPILLWAY_TIMERS_ENABLED: value }).timersEnabled).toBe(false);
  });

  it('takes the https URL of a key set', () => {
    const { authKeySet } = loadConfig({ ...good, AUTH_JWKS: 'https://issuer.test/keys' });
    expect(authKeySet).toEqual({ kind: 'remote', url: new URL('https://issuer.test/keys') });
  });

  it('reports every bad key at once', () => {
    expect(errorOf({}).keys).toEqual(['AzureWebJobsStorage', 'AUTH_ISSUER', 'AUTH_AUDIENCE', 'AUTH_JWKS']);
    expect(errorOf({ AUTH_JWKS: 'nonsense', SPILLWAY_TIMERS_ENABLED: 'perhaps' }).keys).toEqual([
      'AzureWebJobsStorage',
      'AUTH_ISSUER',
      'AUTH_AUDIENCE',
      'AUTH_JWKS',
      'SPILLWAY_TIMERS_ENABLED',
    ]);
  });

  it('counts an empty value as none', () => {
    expect(errorOf({ ...good, AUTH_ISSUER: ' ' }).keys).toEqual(['AUTH_ISSUER']);
    expect(loadConfig({ ...good, SPILLWAY_STORAGE: '' }).storageConnection).toBe('UseDevelopmentStorage=true');
  });

  it('prints no value that it refuses', () => {
    const secret = 'hunter2secret';
    const { message } = errorOf({
      AzureWebJobsStorage: secret,
      SPILLWAY_STORAGE: secret,
      AUTH_JWKS: secret,
      SPILLWAY_TIMERS_ENABLED: secret,
    });
    expect(message).toContain('AUTH_JWKS');
    expect(message).not.toContain(secret);
  });

  it.each([
    ['an http URL, on which keys could be swapped', 'http://issuer.test/keys'],
    ['a key set without keys', '{"keys":[]}'],
    ['broken JSON', '{"keys":'],
    ['a private key', '{"keys":[{"kty":"EC","crv":"P-256","x":"eA","y":"eQ","d":"ZA"}]}'],
    ['a shared secret', '{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}'],
  ])('refuses %s as AUTH_JWKS', (_what, AUTH_JWKS) => {
    expect(errorOf({ ...good, AUTH_JWKS }).keys).toEqual(['AUTH_JWKS']);
  });
});
