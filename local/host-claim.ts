/**
 * One host for each data folder, known before storage runs: a file in the folder names the host's process.
 *
 * The file is made in one step and counts as long as that very process lives, so a host that was killed leaves nothing to
 * clear away. (Between hosts that do run, the lease in storage with its fencing epoch decides.)
 */

import { randomUUID } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import { createFileOnce } from './create-file.ts';
import { processFileContent, readProcessFile } from './process-file.ts';
import { isAlive, type ProcessIdentity } from './process-identity.ts';

/** Another host runs on the data folder. */
export class HostRunningError extends Error {
  readonly pid: number;

  constructor(identity: ProcessIdentity, folder: string) {
    super(
      `A local host with process id ${identity.pid} runs on ${folder}. Stop it first (Ctrl-C, or: kill ${identity.pid}), ` +
        'or name another folder in SPILLWAY_DATA.',
    );
    this.pid = identity.pid;
  }
}

/** The host that runs on the data now; undefined: none. */
export function findRunningHost(hostFile: string): ProcessIdentity | undefined {
  const identity = readProcessFile(hostFile);
  return identity && isAlive(identity) ? identity : undefined;
}

/**
 * Claims the data folder for this process.
 *
 * @returns a function that gives it back.
 * @throws HostRunningError when another host has it.
 */
export function claimDataFolder(hostFile: string, folder: string): () => void {
  const content = processFileContent(process.pid);
  while (!createFileOnce(hostFile, content, 0o644)) {
    const running = findRunningHost(hostFile);
    if (running) throw new HostRunningError(running, folder);
    removeStale(hostFile);
  }
  return () => {
    if (readProcessFile(hostFile)?.pid === process.pid) rmSync(hostFile, { force: true });
  };
}

/** Moves a dead host's file away. If another starter put its own there in the meantime, that one goes back. */
function removeStale(hostFile: string): void {
  const aside = `${hostFile}.${randomUUID()}.stale`;
  try {
    renameSync(hostFile, aside);
  } catch {
    return;
  }
  if (findRunningHost(aside)) renameSync(aside, hostFile);
  else rmSync(aside, { force: true });
}
