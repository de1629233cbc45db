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

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseTokenArgs } from '../../local/args.ts';
import { type DataFolder, openDataFolder } from '../../local/data-folder.ts';
import { authSettings, mintToken } from '../../local/mint-token.ts';
import { findPorts, LOOPBACK } from '../../local/ports.ts';
import { readProcessFile } from '../../local/process-file.ts';
import { identifyProcess } from '../../local/process-identity.ts';
import { openSigningKey } from '../../local/signing-key.ts';

/** The folder of package.json. */
export const PROJECT_PATH = resolve(import.meta.dirname, '..', '..');

/** An app for tests of the host itself. */
export const FIXTURE_APP_PATH = join(PROJECT_PATH, 'test', 'fixtures', 'local-app');

const READY_LIMIT_MS = 60_000;

/** How to start a host; all of it may be left out. */
export interface SpawnOptions {
  /** Folder of the app's package.json; default: this project. */
  readonly projectPath?: string;
  /** Arguments of `npm start`; default `--no-demo`. */
  readonly args?: readonly string[];
  /** Settings on top of this process's. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A host that was spawned. */
export interface SpawnedHost {
  readonly url: string;
  readonly folder: DataFolder;
  /** The host's process id; that of the latest one after `restart`. */
  pid(): number;
  /** What the latest process has printed, stdout and stderr together. */
  output(): string;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** The JSON of a GET that is expected to succeed. */
  getJson<T>(path: string): Promise<T>;
  /** A bearer token that the host takes: `token('--role', 'User', '--user', 'kim')`. */
  token(...args: string[]): Promise<string>;
  /** Ends the host at once, without a chance to do anything. Azurite lives on, as it would on a developer's machine. */
  kill9(): Promise<void>;
  /** Has the host drain and end; returns its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Starts it again on the same data and ports, and waits until it is ready. */
  restart(env?: Readonly<Record<string, string>>): Promise<void>;
  /** Ends everything and deletes the data. */
  dispose(): Promise<void>;
}

/** Builds the project if need be, starts a host and waits until it is ready. */
export async function spawnLocalHost(options: SpawnOptions = {}): Promise<SpawnedHost> {
  buildOnce();
  const dataPath = mkdtempSync(join(tmpdir(), 'spillway-'));
  const [port = 0, ...azuritePorts] = await findPorts([0, 0, 0, 0].map((any) => ({ port: any })));
  const env = {
    ...process.env,
    SPILLWAY_DATA: dataPath,
    SPILLWAY_PORT: String(port),
    SPILLWAY_AZURITE_PORTS: azuritePorts.join(','),
    ...options.env,
  };
  const folder = openDataFolder(PROJECT_PATH, env);
  const url = `http://${LOOPBACK}:${port}`;
  const run = (more: Readonly<Record<string, string>> = {}) =>
    runStart(options.projectPath ?? PROJECT_PATH, options.args ?? ['--no-demo'], { ...env, ...more });
  let current = await run().catch((error: unknown) => {
    endAzuriteHard(folder);
    rmSync(dataPath, { recursive: true, force: true });
    throw error;
  });
  return {
    url,
    folder,
    pid: () => current.child.pid ?? 0,
    output: () => current.output(),
    fetch: (path, init) => fetch(`${url}${path}`, init),
    async getJson<T>(path: string) {
      const response = await fetch(`${url}${path}`);
      if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${await response.text()}`);
      return (await response.json()) as T;
    },
    async token(...args) {
      const key = await openSigningKey(folder.signingKey);
      return mintToken(parseTokenArgs(args), key, authSettings(env, key), Date.now());
    },
    async kill9() {
      current.child.kill('SIGKILL');
      await current.ended;
    },
    async stop(signal = 'SIGTERM') {
      current.child.kill(signal);
      return current.ended;
    },
    async restart(more) {
      current = await run(more);
    },
    async dispose() {
      current.child.kill('SIGKILL');
      await current.ended;
      endAzuriteHard(folder);
      rmSync(dataPath, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

interface RunningStart {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  output(): string;
}

/** Runs the compiled `npm start` and waits for its "Ready". Rejects with what it printed when it ends before. */
async function runStart(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<RunningStart> {
  const script = join(PROJECT_PATH, 'dist', 'local', 'start.js');
  const child = spawn(process.execPath, [script, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const ready = new Promise<void>((resolve, reject) => {
    const limit = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`The host wasn't ready after ${READY_LIMIT_MS} ms. It printed:\n${output}`));
    }, READY_LIMIT_MS);
    const onText = (text: Buffer) => {
      output += text.toString();
      if (!output.includes('\nReady: ')) return;
      clearTimeout(limit);
      resolve();
    };
    child.stdout.on('data', onText);
    child.stderr.on('data', onText);
    void ended.then((code) => reject(new Error(`The host ended with code ${code}. It printed:\n${output}`)));
    void ended.finally(() => clearTimeout(limit));
  });
  await ready;
  return { child, ended, output: () => output };
}

/** Ends the Azurite of a folder that nobody needs any more. */
function endAzuriteHard(folder: DataFolder): void {
  const identity = readProcessFile(folder.azuriteFile);
  const live = identity && identifyProcess(identity.pid);
  if (live && live.startedAt === identity.startedAt) process.kill(identity.pid, 'SIGKILL');
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
