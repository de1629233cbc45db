import { type ExecFileException, execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TableClient } from '@azure/data-tables';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDataFolder } from '../../../local/data-folder.ts';
import { findRunningHost } from '../../../local/host-claim.ts';
import { findPorts, listen } from '../../../local/ports.ts';
import { readProcessFile } from '../../../local/process-file.ts';
import { isAlive } from '../../../local/process-identity.ts';
import {
  eventually,
  FIXTURE_APP_PATH,
  PROJECT_PATH,
  type SpawnedHost,
  spawnLocalHost,
} from '../../support/local-host.ts';

const DAY_MS = 86_400_000;

const ANY_PORTS = { SPILLWAY_PORT: '0', SPILLWAY_AZURITE_PORTS: '0,0,0' };

/** Runs one of the compiled programs in the fixture app's folder. */
function run(program: string, args: readonly string[], env: Record<string, string>) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const script = join(PROJECT_PATH, 'dist', 'local', `${program}.js`);
    const options = { cwd: FIXTURE_APP_PATH, env: { ...process.env, ...env } };
    execFile(process.execPath, [script, ...args], options, (error: ExecFileException | null, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

const put = (host: SpawnedHost, text: string) => host.fetch('/api/values/v', { method: 'PUT', body: text });
const value = async (host: SpawnedHost) => (await host.fetch('/api/values/v')).text();
const azurite = (host: SpawnedHost) => {
  const identity = readProcessFile(host.folder.azuriteFile);
  if (!identity) throw new Error('no Azurite is noted');
  return identity;
};

/** The tests tell the life of one host, in this order. */
describe('a host', () => {
  let host: SpawnedHost;
  const messages = mkdtempSync(join(tmpdir(), 'spillway-life-'));
  beforeAll(async () => {
    host = await spawnLocalHost({ projectPath: FIXTURE_APP_PATH, env: { TICK_SCHEDULE: '0 0 0 * * *' } });
  });
  afterAll(async () => {
    await host?.dispose();
    rmSync(messages, { recursive: true });
  });

  it('is not disturbed by a second one on the same data, which is refused and names the first (E5)', async () => {
    const env = { SPILLWAY_DATA: host.folder.path, ...ANY_PORTS };
    const second = await run('start', ['--no-demo'], env);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`process id ${host.pid()}`);
    expect((await put(host, 'still here')).status).toBe(204);
  });

  it('takes the token that npm run token prints alone', async () => {
    const printed = await run('token', ['--role', 'User', '--user', 'kim'], { SPILLWAY_DATA: host.folder.path });
    expect(printed.stderr).toBe('');
    const {
      AUTH_JWKS = '',
      AUTH_ISSUER = '',
      AUTH_AUDIENCE = '',
    } = await host.getJson<Record<string, string>>('/api/settings');
    const { payload } = await jwtVerify(printed.stdout.trim(), createLocalJWKSet(JSON.parse(AUTH_JWKS)), {
      issuer: AUTH_ISSUER,
      audience: AUTH_AUDIENCE,
    });
    expect(payload).toMatchObject({ sub: 'kim', roles: ['User'] });
  });

  it('that is killed leaves Azurite running, and the next one ends it, keeps all data and starts one anew (E5)', async () => {
    expect((await put(host, 'written at the last moment')).status).toBe(204);
    await missTick(host);
    await host.kill9();
    const left = azurite(host);
    expect(isAlive(left)).toBe(true);
    await host.restart();
    expect(isAlive(left)).toBe(false);
    expect(azurite(host).pid).not.toBe(left.pid);
    expect(await value(host)).toBe('written at the last moment');
  });

  it('and missed a timer runs it at once when it is back, past due (E5)', async () => {
    const runs = await eventually(async () => {
      const list = await host.getJson<unknown[]>('/api/runs');
      return list.length > 0 ? list : undefined;
    });
    expect(runs).toEqual([{ name: 'tick', timer: expect.objectContaining({ isPastDue: true }) }]);
  });

  it('that is stopped takes nothing new, lets functions end, has Azurite save its data, and leaves nothing running (E5)', async () => {
    await put(host, 'kept');
    const path = join(messages, 'go-on');
    const held = host.fetch(`/api/hold?path=${encodeURIComponent(path)}`);
    await eventually(async () => existsSync(`${path}.reached`) || undefined);
    const storage = azurite(host);
    const stopped = host.stop('SIGINT');
    await eventually(async () => host.output().includes('Stopping') || undefined);
    await expect(host.fetch('/api/runs')).rejects.toThrow();
    writeFileSync(path, '');
    expect(await (await held).text()).toBe('ended in its own time');
    expect(await stopped).toBe(0);
    expect(isAlive(storage)).toBe(false);
    expect(existsSync(host.folder.hostFile)).toBe(false);
    await host.restart();
    expect(await value(host)).toBe('kept');
    // The timer that it once missed has had its run.
    expect(await host.getJson('/api/runs')).toEqual([]);
  });

  it('quits at once on a later signal, and Azurite saves its data all the same', async () => {
    await put(host, 'kept again');
    const path = join(messages, 'never');
    host.fetch(`/api/hold?path=${encodeURIComponent(path)}`).catch(() => {});
    await eventually(async () => existsSync(`${path}.reached`) || undefined);
    const storage = azurite(host);
    let code: number | null | undefined;
    // Those that come as if npm had passed the first one on say nothing.
    await eventually(async () => {
      void host.stop('SIGINT').then((end) => {
        code = end;
      });
      return code === undefined ? undefined : true;
    });
    expect(code).toBe(130);
    await eventually(async () => !isAlive(storage) || undefined);
    await host.restart();
    expect(await value(host)).toBe('kept again');
  });

  it('keeps npm run reset from its data while it runs, and is empty afterwards; tokens stay good', async () => {
    await put(host, 'to be gone');
    const env = { SPILLWAY_DATA: host.folder.path };
    const refused = await run('reset', [], env);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining(`process id ${host.pid()}`)]);
    expect(await value(host)).toBe('to be gone');

    await host.kill9();
    const left = azurite(host);
    expect((await run('reset', [], env)).code).toBe(0);
    expect(isAlive(left)).toBe(false);
    expect(readdirSync(host.folder.path)).toEqual(['signing-key.json']);
    await host.restart();
    expect((await host.fetch('/api/values/v')).status).toBe(500);
  });
});

/** Has the host believe that it ran its daily timer last two midnights ago. */
async function missTick(host: SpawnedHost): Promise<void> {
  const { AzureWebJobsStorage = '' } = await host.getJson<Record<string, string>>('/api/settings');
  const midnight = new Date().setUTCHours(0, 0, 0, 0);
  const [last, next] = [new Date(midnight - 2 * DAY_MS), new Date(midnight - DAY_MS)];
  const table = TableClient.fromConnectionString(AzureWebJobsStorage, 'LocalHostTimers', {
    allowInsecureConnection: true,
  });
  await table.updateEntity({ partitionKey: 'timer', rowKey: 'tick', last, next, lastUpdated: last });
}

describe('a host that npm runs', () => {
  it('stops when the shell between it and npm dies of a signal that it was not told of', async () => {
    const [port = 0] = await findPorts([{ port: 0 }]);
    const env = {
      ...process.env,
      ...ANY_PORTS,
      SPILLWAY_PORT: String(port),
      SPILLWAY_DATA: mkdtempSync(join(tmpdir(), 'spillway-')),
      npm_lifecycle_event: 'start',
    };
    const folder = openDataFolder(FIXTURE_APP_PATH, env);
    const script = join(PROJECT_PATH, 'dist', 'local', 'start.js');
    const shell = spawn('sh', ['-c', `"${process.execPath}" "${script}" --no-demo; true`], {
      cwd: FIXTURE_APP_PATH,
      env,
      stdio: 'ignore',
    });
    const host = await eventually(async () => findRunningHost(folder.hostFile));
    const storage = await eventually(async () => readProcessFile(folder.azuriteFile));
    const status = () => fetch(`http://127.0.0.1:${port}/admin/host/status`).then(({ ok }) => ok || undefined);
    await eventually(() => status().catch(() => undefined), 60_000);
    shell.kill('SIGTERM');
    // Who dies in good order takes its file away first.
    const isLeft = () => isAlive(host) || isAlive(storage) || existsSync(folder.hostFile);
    await eventually(async () => !isLeft() || undefined);
    rmSync(folder.path, { recursive: true });
  });
});

describe('a port', () => {
  it('that was set and is taken ends the start with what to do, and nothing is left running', async () => {
    const blocker = createServer();
    const taken = await listen(blocker, { port: 0 });
    try {
      for (const [setting, ports] of [
        ['SPILLWAY_PORT', String(taken)],
        ['SPILLWAY_AZURITE_PORTS', `0,0,${taken}`],
      ] as const) {
        const error: Error = await spawnLocalHost({ projectPath: FIXTURE_APP_PATH, env: { [setting]: ports } }).then(
          () => new Error('it started'),
          (reason: Error) => reason,
        );
        expect(error.message).toContain(`Port ${taken} (from ${setting}) is in use`);
        expect(error.message).toContain('ended with code 1');
      }
    } finally {
      blocker.close();
    }
  });
});

describe('npm run token', () => {
  it('says what is wrong on stderr and ends with code 2', async () => {
    const refused = await run('token', ['--role', 'User'], {});
    expect([refused.code, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toContain('--user');
  });
});
