import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { openStorage } from '../shared/storage/storage.ts';
import type { Clock } from './clock.ts';
import { acquireHostLease } from './host-lease.ts';
import type { Log } from './log.ts';
import { identifyProcess } from './process-identity.ts';
import type { TakeDown } from './take-down.ts';

const TABLE = 'LocalHostLease';

/**
 * Takes the lease on the data for this process, beside the claim on its folder: the claim is known before storage runs,
 * the lease holds wherever the storage is reached from.
 *
 * @param name what is leased, for people: the data folder's path.
 * @param down receives how to give it back.
 * @returns `lost`, which settles when another host has taken the lease.
 */
export async function takeLease(
  parts: { readonly name: string; readonly connectionString: string; readonly clock: Clock; readonly log: Log },
  down: TakeDown[],
): Promise<{ readonly lost: Promise<Error> }> {
  const { name, connectionString, clock, log } = parts;
  const holder = {
    hostId: randomUUID(),
    pid: process.pid,
    startedAt: identifyProcess(process.pid)?.startedAt ?? 'unknown',
    machine: hostname(),
  };
  let onLost = () => {};
  const lost = new Promise<Error>((resolve) => {
    onLost = () => resolve(new Error(`Another host has taken over the data in ${name}.`));
  });
  const table = openStorage({ connectionString }).table(TABLE);
  const lease = await acquireHostLease({ table, name: 'host', holder, clock, log, onLost });
  down.push(() => lease.release());
  return { lost };
}
