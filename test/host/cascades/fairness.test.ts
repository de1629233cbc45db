/** Large jobs whose lanes take every slot for activities, slowed down by storage, and a small job in between. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Family, JobsHost } from './jobs-host.ts';

let jobs: JobsHost;
beforeAll(async () => {
  jobs = await JobsHost.start();
});
afterAll(() => jobs?.dispose());

/** An account with orders; ids that a client brings are spread over many buckets, and so over many chunks. */
async function withOrders(count: number): Promise<Family> {
  const family = await jobs.family(0);
  const records = Array.from({ length: count }, (_, at) => ({
    id: randomUUID(),
    orderNumber: `${at}`,
    ownerId: 'ann',
    lookups: { account_orders: family.root },
  }));
  await jobs.call('POST', '/tables/order/batch', { records });
  return family;
}

describe('C23 a small job among large ones', () => {
  it('ends while they go on, although they have more lanes than the host has slots', async () => {
    await jobs.settings({ lanes: 16, batchTargetSeconds: 0.2 });
    const large = await Promise.all([withOrders(300), withOrders(300)]);
    const small = await jobs.family(9);
    jobs.faults.make({ slow: { recordsorder: 100 } });
    const ids = await Promise.all(large.map((family) => jobs.assign(family)));
    for (const id of ids) await jobs.until(id, ({ phase, progress }) => phase === 'applying' && progress.done > 1);
    const done = await jobs.untilStatus(await jobs.assign(small), 'Completed');
    expect(done.progress).toMatchObject({ total: 10, done: 10 });
    for (const id of ids) {
      const { status, progress } = await jobs.job(id);
      expect(status).toBe('InProgress');
      expect(progress.done).toBeLessThan(progress.total);
      await jobs.command(id, 'cancel');
    }
    jobs.faults.end();
    for (const id of ids) await jobs.untilStatus(id, 'Canceled');
    await jobs.settings({ lanes: null, batchTargetSeconds: null });
  });
});
