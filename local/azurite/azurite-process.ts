/**
 * Azurite as a process of its own that outlives the host.
 *
 * Invariants
 * 1. It runs in a process group of its own and prints to a file: neither Ctrl-C nor the host's death reaches it, so it
 *    always ends by a signal meant for it and saves its data first.
 * 2. Its identity is in a file of the data folder from its first moment, so the next start finds it.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataFolder } from '../data-folder.ts';
import { LOOPBACK } from '../ports.ts';
import { processFileContent, readProcessFile } from '../process-file.ts';
import { identifyProcess, isAlive, type ProcessIdentity } from '../process-identity.ts';
import { azuriteProgram } from './azurite-program.ts';
import { type AzuritePorts, azuriteConnectionString } from './connection-string.ts';

/** Each of the three services says so when it listens. */
const READY_LINE = /successfully listen/g;
const SERVICES = 3;

const POLL_MS = 50;

/** A large database takes its time to be read. */
const START_LIMIT_MS = 55_000;

/** Saving a large database takes seconds; past this it is ended hard. */
const STOP_LIMIT_MS = 60_000;

/** A running Azurite. */
export interface AzuriteProcess {
  readonly connectionString: string;
  /** Settles when Azurite has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Has it save its data and end. */
  stop(): Promise<void>;
  /** Tells it to save and end, without waiting. */
  signalStop(): void;
}

/** Azurite ended before it listened; `output` is what it printed. */
export class AzuriteStartError extends Error {
  readonly output: string;

  constructor(message: string, output: string) {
    super(`${message}${output.trim() === '' ? '' : ` It printed: ${output.trim().slice(-1000)}`}`);
    this.output = output;
  }
}

/** Starts Azurite on the folder's data and waits until all services listen. */
export async function startAzurite(folder: DataFolder, ports: AzuritePorts): Promise<AzuriteProcess> {
  rmSync(folder.azuriteLog, { force: true });
  const output = openSync(folder.azuriteLog, 'a');
  const child = spawn(process.execPath, azuriteArguments(folder.path, ports), {
    detached: true,
    stdio: ['ignore', output, output],
    cwd: folder.path,
  });
  closeSync(output);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  child.unref();
  if (child.pid !== undefined) writeFileSync(folder.azuriteFile, processFileContent(child.pid));
  await waitUntilReady(child, folder.azuriteLog);
  return {
    connectionString: azuriteConnectionString(ports),
    ended,
    signalStop: () => void child.kill('SIGTERM'),
    async stop() {
      // Nothing else may keep this process alive until the end is heard of.
      child.ref();
      await endAzurite(folder);
      await ended;
    },
  };
}

/**
 * Has the Azurite that serves the folder's data, if one is left, save its data and end.
 *
 * @returns its identity; undefined when there was none.
 */
export async function endAzurite(folder: DataFolder): Promise<ProcessIdentity | undefined> {
  const identity = readProcessFile(folder.azuriteFile);
  const isOurs = identity !== undefined && isAlive(identity) && isAzurite(identity.pid);
  if (isOurs) {
    const limitMs = Date.now() + STOP_LIMIT_MS;
    signal(identity, 'SIGTERM');
    while (isAlive(identity)) {
      if (Date.now() > limitMs) signal(identity, 'SIGKILL');
      await sleep(POLL_MS);
    }
  }
  rmSync(folder.azuriteFile, { force: true });
  return isOurs ? identity : undefined;
}

/** A last look before a signal is sent. Where command lines can't be read, the identity has to do. */
function isAzurite(pid: number): boolean {
  const { commandLine } = identifyProcess(pid) ?? {};
  return commandLine !== undefined && (commandLine === '' || /azurite/i.test(commandLine));
}

function signal(identity: ProcessIdentity, name: NodeJS.Signals): void {
  try {
    process.kill(identity.pid, name);
  } catch {
    // It has ended by itself.
  }
}

function azuriteArguments(location: string, ports: AzuritePorts): string[] {
  const service = (name: string, port: number) => [`--${name}Host`, LOOPBACK, `--${name}Port`, String(port)];
  return [
    azuriteProgram('azurite'),
    '--location',
    location,
    '--silent',
    '--skipApiVersionCheck',
    '--disableTelemetry',
    '--tableKeepAliveTimeout',
    '300',
    ...service('blob', ports.blob),
    ...service('queue', ports.queue),
    ...service('table', ports.table),
  ];
}

async function waitUntilReady(child: ChildProcess, logPath: string): Promise<void> {
  let failure: string | undefined;
  child.once('error', (error) => {
    failure = `Azurite can't be started: ${error.message}.`;
  });
  child.once('exit', (code) => {
    failure = `Azurite ended with code ${code} before it was ready.`;
  });
  const limitMs = Date.now() + START_LIMIT_MS;
  for (;;) {
    const output = readFileSync(logPath, 'utf8');
    if ((output.match(READY_LINE)?.length ?? 0) >= SERVICES) return;
    if (failure !== undefined) throw new AzuriteStartError(failure, output);
    if (Date.now() > limitMs) {
      child.kill('SIGTERM');
      throw new AzuriteStartError(`Azurite wasn't ready after ${START_LIMIT_MS / 1000} s.`, output);
    }
    await sleep(POLL_MS);
  }
}
