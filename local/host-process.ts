import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TokenArgs } from './args.ts';
import { type DataFolder, openDataFolder } from './data-folder.ts';
import { authSettings, mintToken } from './mint-token.ts';
import { findPorts, LOOPBACK } from './ports.ts';
import { readProcessFile } from './process-file.ts';
import { identifyProcess } from './process-identity.ts';
import { serviceBusConnectionString } from './service-bus/service-bus.ts';
import { openSigningKey } from './signing-key.ts';

const READY_LIMIT_MS = 60_000;

export interface HostProcessOptions {
  /** The compiled `start.js`. */
  readonly script: string;
  /** Folder of the app's package.json. */
  readonly projectPath: string;
  /** Arguments of `npm start`. */
  readonly args: readonly string[];
  /** Settings; ports and data folder are added. */
  readonly env: NodeJS.ProcessEnv;
  /** Settings on top of all others, ports and data folder included. */
  readonly overrides?: Readonly<Record<string, string>> | undefined;
}

/** A local host as a process of its own, on free ports and a data folder of its own: for those who kill it. */
export interface HostProcess {
  readonly url: string;
  /** Connection string of its Service Bus. */
  readonly serviceBus: string;
  readonly folder: DataFolder;
  /** The process id; that of the latest process after `restart`. */
  pid(): number;
  /** What the latest process has printed, stdout and stderr together. */
  output(): string;
  /** A bearer token that the host takes. */
  token(request: TokenArgs): Promise<string>;
  /** Ends the host at once, without a chance to do anything. Azurite lives on, as it would on a developer's machine. */
  kill9(): Promise<void>;
  /** Resolves when the process that runs now has ended, for whatever reason. */
  ended(): Promise<unknown>;
  /** Has the host drain and end; gives its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Starts it again on the same data and ports, and waits until it is ready. */
  restart(env?: Readonly<Record<string, string>>): Promise<void>;
  /** Ends everything and deletes the data. */
  dispose(): Promise<void>;
}

/** Starts a host and waits until it is ready. Rejects with what it printed when it isn't after a minute. */
export async function spawnHost(options: HostProcessOptions): Promise<HostProcess> {
  const dataPath = mkdtempSync(join(tmpdir(), 'spillway-'));
  const [port = 0, serviceBusPort = 0, ...azuritePorts] = await findPorts(
    [0, 0, 0, 0, 0].map((any) => ({ port: any })),
  );
  const env = {
    ...options.env,
    SPILLWAY_DATA: dataPath,
    SPILLWAY_PORT: String(port),
    SPILLWAY_SERVICE_BUS_PORT: String(serviceBusPort),
    SPILLWAY_AZURITE_PORTS: azuritePorts.join(','),
    ...options.overrides,
  };
  const folder = openDataFolder(options.projectPath, env);
  const run = (more: Readonly<Record<string, string>> = {}) => runStart({ ...options, env: { ...env, ...more } });
  const clear = () => {
    endAzuriteHard(folder);
    rmSync(dataPath, { recursive: true, force: true, maxRetries: 5 });
  };
  let current = await run().catch((error: unknown) => {
    clear();
    throw error;
  });
  const end = (signal: NodeJS.Signals) => {
    current.child.kill(signal);
    return current.ended;
  };
  return {
    url: `http://${LOOPBACK}:${port}`,
    serviceBus: serviceBusConnectionString(serviceBusPort),
    folder,
    pid: () => current.child.pid ?? 0,
    output: () => current.output(),
    async token(request) {
      const key = await openSigningKey(folder.signingKey);
      return mintToken(request, key, authSettings(env, key), Date.now());
    },
    async kill9() {
      await end('SIGKILL');
    },
    ended: () => current.ended,
    stop: (signal = 'SIGTERM') => end(signal),
    async restart(more) {
      current = await run(more);
    },
    async dispose() {
      await end('SIGKILL');
      clear();
    },
  };
}

interface RunningStart {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  output(): string;
}

/** Runs the start script and waits for its "Ready". Rejects with what it printed when it ends before. */
async function runStart({ script, projectPath, args, env }: HostProcessOptions): Promise<RunningStart> {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: projectPath,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
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
    void ended.then((code) => {
      clearTimeout(limit);
      reject(new Error(`The host ended with code ${code}. It printed:\n${output}`));
    });
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
