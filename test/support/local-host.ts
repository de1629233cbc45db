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

import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseTokenArgs } from '../../local/args.ts';
import { HostFaults } from '../../local/faults/host-faults.ts';
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

/** Starts a host of the compiled project and waits until it is ready. */
export async function spawnLocalHost(options: SpawnOptions = {}): Promise<SpawnedHost> {
  const host = await spawnHost({
    script: join(PROJECT_PATH, 'dist', 'local', 'start.js'),
    projectPath: options.projectPath ?? PROJECT_PATH,
    args: options.args ?? ['--no-demo'],
    env: process.env,
    overrides: { SPILLWAY_CHECK_ANSWERS: 'true', ...options.env },
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

/** A host that test files share, and the trouble that they make in its storage. */
export interface SharedHost {
  readonly host: SpawnedHost;
  readonly faults: HostFaults;
}

let shared: Promise<SharedHost> | undefined;

/**
 * The host of this process, for files that make records of their own and leave settings as they found them. It ends with
 * the process.
 */
export function sharedHost(): Promise<SharedHost> {
  shared ??= startShared();
  return shared;
}

async function startShared(): Promise<SharedHost> {
  const faults = createHostFaults();
  const host = await spawnLocalHost({ env: faults.env });
  // So vitest ends its processes.
  process.once('SIGTERM', () => void host.dispose().finally(() => process.exit()));
  return { host, faults };
}

/** Trouble for a host of the compiled project; it is to be started with `env`. */
export function createHostFaults(): HostFaults {
  return new HostFaults(join(PROJECT_PATH, 'dist'));
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
