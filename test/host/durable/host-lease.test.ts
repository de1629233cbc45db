import { randomUUID } from 'node:crypto';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { VirtualClock } from '../../../local/clock.ts';
import {
  acquireHostLease,
  type HostLease,
  HostLeaseHeld,
  LEASE_MS,
  type LeaseHolder,
  RENEW_MS,
} from '../../../local/host-lease.ts';
import { silentLog } from '../../../local/log.ts';
import { openStorage } from '../../../shared/storage/storage.ts';
import { START_MS } from './support/hub.ts';

const FIRST: LeaseHolder = { hostId: 'first', pid: 100, startedAt: 'boot 1', machine: 'here' };
const SECOND: LeaseHolder = { hostId: 'second', pid: 200, startedAt: 'boot 2', machine: 'here' };
const ELSEWHERE: LeaseHolder = { ...SECOND, machine: 'elsewhere' };

function leases() {
  const clock = new VirtualClock(START_MS);
  const table = openStorage({ connectionString: inject('azuriteConnectionString') }).table(
    `lease${randomUUID().replaceAll('-', '')}`,
  );
  const alive = new Set([FIRST.pid, SECOND.pid]);
  const lost: string[] = [];
  const acquire = async (holder: LeaseHolder): Promise<HostLease> => {
    const lease = await acquireHostLease({
      table,
      name: 'hub',
      holder,
      clock,
      log: silentLog,
      onLost: () => lost.push(holder.hostId),
      isHolderAlive: ({ pid }) => alive.has(pid),
    });
    onTestFinished(() => lease.release().catch(() => {}));
    return lease;
  };
  /** Lets time go by while storage answers in between. */
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 500) {
      await clock.advance(500);
      await table.get('lease', 'hub');
      await table.get('lease', 'hub');
    }
  };
  return { clock, table, alive, lost, acquire, pass };
}

describe('the host’s lease', () => {
  it('is refused while a host of this machine lives, and the refusal names that host', async () => {
    const { acquire } = leases();
    await acquire(FIRST);
    const refused = await acquire(SECOND).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(HostLeaseHeld);
    expect(String(refused)).toContain('first, process 100 on here, since 2026-11-22T00:00:00.000Z');
  });

  it('passes on at once when the holder’s process has ended without giving it back', async () => {
    const { acquire, alive } = leases();
    const first = await acquire(FIRST);
    alive.delete(FIRST.pid);
    const second = await acquire(SECOND);
    expect(second.epoch).toBe(first.epoch + 1);
  });

  it('passes on at once when it was given back', async () => {
    const { acquire } = leases();
    await (await acquire(FIRST)).release();
    expect((await acquire(ELSEWHERE)).epoch).toBe(2);
  });

  it('is refused on another machine as soon as the holder is seen to renew it', async () => {
    const { acquire, pass } = leases();
    await acquire(FIRST);
    const refused = acquire(ELSEWHERE).catch((error: unknown) => error);
    await pass(RENEW_MS + 2000);
    expect(await refused).toBeInstanceOf(HostLeaseHeld);
  });

  it('passes to another machine when nobody has renewed it for its length', async () => {
    const { acquire, pass, table } = leases();
    const row = { partitionKey: 'lease', rowKey: 'hub', ...FIRST, since: '', renewed: 3, epoch: 7, released: false };
    await table.write([{ kind: 'insert', row }]);
    const taken = acquire(ELSEWHERE);
    await pass(LEASE_MS + 2000);
    expect((await taken).epoch).toBe(8);
  });

  it('tells its holder when another host has taken it', async () => {
    const { acquire, alive, lost, pass } = leases();
    await acquire(FIRST);
    alive.delete(FIRST.pid);
    await acquire(SECOND);
    await pass(RENEW_MS + 1000);
    expect(lost).toEqual(['first']);
  });
});
