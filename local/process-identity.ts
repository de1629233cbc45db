import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Enough to know a process again: pids are used again, the time of start isn't. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it began, in the system's own words. */
  readonly startedAt: string;
  readonly commandLine: string;
}

/** The process that has this pid now; undefined when there's none, or only its remains (a zombie). */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

/** Whether the process that was identified earlier still lives. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identifyProcess(identity.pid)?.startedAt === identity.startedAt;
}

function fromProc(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, startTicks] = [fields[0], fields[19]];
    if (state === 'Z' || state === 'X' || startTicks === undefined) return undefined;
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return { pid, startedAt: `${boot} ${startTicks}`, commandLine };
  } catch {
    return undefined;
  }
}

function fromPs(pid: number): ProcessIdentity | undefined {
  const ask = (column: string) =>
    spawnSync('ps', ['-p', String(pid), '-o', `${column}=`], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
    });
  const started = ask('lstart');
  if (started.error) return fromSignal(pid);
  const startedAt = started.stdout.trim();
  if (startedAt === '' || ask('stat').stdout.trim().startsWith('Z')) return undefined;
  return { pid, startedAt, commandLine: ask('command').stdout.trim() };
}

/** Without `ps` (Windows) only the pid speaks. */
function fromSignal(pid: number): ProcessIdentity | undefined {
  try {
    process.kill(pid, 0);
    return { pid, startedAt: 'unknown', commandLine: '' };
  } catch {
    return undefined;
  }
}
