/**
 * The local host as a process of its own, on free ports and a data folder of its own, for tests that kill it.
 *
 * ```ts
 * const host = await spawnLocalHost();
 * await host.fetch('/api/health');
 * await host.kill9();
 * await host.restart(); // same data, same ports
 * await host.dispose();
 * ```
 */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseTokenArgs } from '../../local/args.ts';
import { type HostProcess, spawnHost } from '../../local/host-process.ts';

/** The folder of package.json. */
export const PROJECT_PATH = resolve(import.meta.dirname, '..', '..');

/** An app for tests of the host itself. */
export const FIXTURE_APP_PATH = join(PROJECT_PATH, 'test', 'fixtures', 'local-app');

/** How to start a host; all of it may be left out. */
export interface SpawnOptions {
  /** Folder of the app's package.json; default: this project. */
  readonly projectPath?: string;
  /** Arguments of `npm start`; default `--no-demo`. */
  readonly args?: readonly string[];
  /** Settings on top of this process's. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A host that was spawned, as a test talks to it. */
export interface SpawnedHost extends Omit<HostProcess, 'token'> {
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** The JSON of a GET that is expected to succeed. */
  getJson<T>(path: string): Promise<T>;
  /** A bearer token that the host takes: `token('--role', 'User', '--user', 'kim')`. */
  token(...args: string[]): Promise<string>;
}

/** Builds the project if need be, starts a host and waits until it is ready. */
export async function spawnLocalHost(options: SpawnOptions = {}): Promise<SpawnedHost> {
  buildOnce();
  const host = await spawnHost({
    script: join(PROJECT_PATH, 'dist', 'local', 'start.js'),
    projectPath: options.projectPath ?? PROJECT_PATH,
    args: options.args ?? ['--no-demo'],
    env: process.env,
    overrides: options.env,
  });
  return {
    ...host,
    fetch: (path, init) => fetch(`${host.url}${path}`, init),
    async getJson<T>(path: string) {
      const response = await fetch(`${host.url}${path}`);
      if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${await response.text()}`);
      return (await response.json()) as T;
    },
    token: (...args) => host.token(parseTokenArgs(args)),
  };
}

let isBuilt = false;

/**
 * Compiles the project, once in this process; other test processes wait. `SPILLWAY_SKIP_BUILD=1` takes dist/ as it is.
 */
export function buildOnce(): void {
  if (isBuilt || process.env.SPILLWAY_SKIP_BUILD === '1') return;
  const lock = join(tmpdir(), `spillway-build-${Buffer.from(PROJECT_PATH).toString('hex').slice(-40)}`);
  acquire(lock);
  try {
    execFileSync('npm', ['run', '--silent', 'build'], { cwd: PROJECT_PATH, stdio: 'pipe', encoding: 'utf8' });
    isBuilt = true;
  } catch (error) {
    throw new Error(`The project can't be built:\n${(error as { stdout?: string }).stdout ?? String(error)}`);
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** A lock of another process that died is taken over after this time. */
const STALE_LOCK_MS = 60_000;

function acquire(lock: string): void {
  for (;;) {
    try {
      mkdirSync(lock);
      return;
    } catch {
      const madeMs = existsSync(lock) ? statSync(lock, { throwIfNoEntry: false })?.mtimeMs : undefined;
      if (madeMs !== undefined && Date.now() - madeMs > STALE_LOCK_MS) rmSync(lock, { recursive: true, force: true });
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
  }
}

/** Asks again until the answer is there; for what another process does in its own time. */
export async function eventually<T>(ask: () => Promise<T | undefined>, limitMs = 20_000): Promise<T> {
  const endMs = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > endMs) throw new Error(`It didn't happen within ${limitMs} ms.`);
    await sleep(50);
  }
}
