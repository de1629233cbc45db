/** Hunts synchronous cascades that are answered long after the time that they may take. */
import { describe, expect, it } from 'vitest';
import { DEADLINE_SECONDS, SyncFixture } from './sync-fixture.ts';

describe('E9 the deadline of a synchronous cascade', () => {
  it('begins with the request: one that was prepared for too long changes and locks nothing', async () => {
    const sync = new SyncFixture();
    const account = await sync.fixture.make('account');
    const plan = () => sync.fixture.plan('account', account, 'bert');
    const requestedMs = sync.ports.now() - DEADLINE_SECONDS * 1000;

    await expect(sync.run(plan(), requestedMs)).rejects.toMatchObject({ slug: 'transaction-too-long' });
    expect(await sync.fixture.records.find('account', account)).toMatchObject({
      value: { ownerId: 'anna', version: 1 },
    });
    expect(await sync.locks('account')).toEqual([]);
    expect(await sync.run(plan())).toMatchObject({ status: 'Completed' });
  });
});
