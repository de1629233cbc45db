import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileOnce } from '../../../local/create-file.ts';
import { DATA_FILES, openDataFolder } from '../../../local/data-folder.ts';
import { claimDataFolder, findRunningHost, HostRunningError } from '../../../local/host-claim.ts';
import { authSettings, mintToken } from '../../../local/mint-token.ts';
import { processFileContent } from '../../../local/process-file.ts';
import { identifyProcess, isAlive } from '../../../local/process-identity.ts';
import { openSigningKey } from '../../../local/signing-key.ts';

let path: string;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'spillway-data-'));
});
afterEach(() => rmSync(path, { recursive: true }));

describe('a process', () => {
  it('is known again while it lives, and is not mistaken for one that got its pid later', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const identity = identifyProcess(child.pid ?? 0);
    if (!identity) throw new Error('the child is not seen');
    expect(isAlive(identity)).toBe(true);
    expect(isAlive({ ...identity, startedAt: 'earlier' })).toBe(false);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    expect(isAlive(identity)).toBe(false);
  });
});

describe('the claim on a data folder', () => {
  const hostFile = () => join(path, 'host.json');

  it('is refused while its holder lives, naming its process', () => {
    const release = claimDataFolder(hostFile(), path);
    expect(() => claimDataFolder(hostFile(), path)).toThrow(HostRunningError);
    expect(() => claimDataFolder(hostFile(), path)).toThrow(`process id ${process.pid}`);
    release();
    expect(findRunningHost(hostFile())).toBeUndefined();
    claimDataFolder(hostFile(), path)();
  });

  it.each([
    [
      'a host that died',
      () => processFileContent(process.pid).replace(/"startedAt": "[^"]*"/, '"startedAt": "earlier"'),
    ],
    ['a broken file', () => '{'],
  ])('is taken over from %s', (_, content) => {
    writeFileSync(hostFile(), content());
    claimDataFolder(hostFile(), path);
    expect(findRunningHost(hostFile())?.pid).toBe(process.pid);
    expect(readdirSync(path)).toEqual(['host.json']);
  });
});

describe('the data folder', () => {
  it('is open to its owner alone, also where it was open to others', () => {
    const fresh = openDataFolder(path, { SPILLWAY_DATA: 'new/data' }).path;
    expect(statSync(fresh).mode & 0o777).toBe(0o700);
    chmodSync(fresh, 0o755);
    openDataFolder(path, { SPILLWAY_DATA: 'new/data' });
    expect(statSync(fresh).mode & 0o777).toBe(0o700);
  });
});

describe('the signing key', () => {
  it('is the same for all who ask at once, and only its owner can read it', async () => {
    const { signingKey } = openDataFolder(path, { SPILLWAY_DATA: path });
    const keys = await Promise.all(Array.from({ length: 8 }, () => openSigningKey(signingKey)));
    expect(new Set(keys.map((key) => key.publicKeySet)).size).toBe(1);
    expect(statSync(signingKey).mode & 0o777).toBe(0o600);
    expect(keys[0]?.publicKeySet).not.toContain('"d"');
    expect(readdirSync(path)).toEqual(['signing-key.json']);
    expect(DATA_FILES.test('signing-key.json')).toBe(false);
  });

  it('signs tokens that the public half verifies, with role, channel, issuer, audience and end', async () => {
    const key = await openSigningKey(join(path, 'key.json'));
    const settings = authSettings({}, key);
    const nowMs = Date.now();
    const request = { role: 'Channel' as const, subject: 'channel:s1', channel: 's1', lifetimeSeconds: 60 };
    const token = await mintToken(request, key, settings, nowMs);
    const { payload } = await jwtVerify(token, createLocalJWKSet(JSON.parse(settings.AUTH_JWKS)), {
      issuer: settings.AUTH_ISSUER,
      audience: settings.AUTH_AUDIENCE,
    });
    expect(payload).toMatchObject({ sub: 'channel:s1', roles: ['Channel'], channel: 's1' });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60);
  });
});

describe('a file that is created once', () => {
  it('keeps the content of the first', () => {
    const file = join(path, 'once');
    expect([createFileOnce(file, 'first', 0o600), createFileOnce(file, 'second', 0o600)]).toEqual([true, false]);
    expect(readdirSync(path)).toEqual(['once']);
  });
});
