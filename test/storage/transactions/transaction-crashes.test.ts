/** E5 A process dies at each storage write of a transaction: before it is carried out, or after it and before the answer. */
import { describe, expect, it } from 'vitest';
import { createCrashingStorage } from '../../support/crashing-storage.ts';
import { DEADLINE_SECONDS, TransactionFixture } from './transaction-fixture.ts';

const PARTITIONS = 3;

/** Gives contacts away on a host that dies at the `write`-th write; says whether it died. */
async function dieAt(host: TransactionFixture, ids: readonly string[], write: number, when: 'before' | 'after') {
  const crash = createCrashingStorage();
  const dying = host.open([crash.policy]);
  const participants = await host.giving(ids, 'bert');
  crash.crashAt(write, when);
  await dying.give(ids, 'bert', { participants }).catch(() => undefined);
  return crash.isDead;
}

describe.each(['before', 'after'] as const)('E5 a crash %s a write of a transaction', (when) => {
  it('leaves all or nothing to every reader, and reconciliation leaves no lock', async () => {
    const seen = new Set<string>();
    for (let write = 1, died = true; died; write++) {
      const host = new TransactionFixture();
      const ids = await host.contacts(PARTITIONS);
      died = await dieAt(host, ids, write, when);
      const owners = await host.open().owners(ids);
      expect(owners, `write ${write}`).toHaveLength(1);
      const [owner = ''] = owners;
      if (died) seen.add(owner);
      host.clock.pass(DEADLINE_SECONDS + 200);
      expect(await host.open().owners(ids), `write ${write}`).toEqual(owners);
      await host.open().finishAbandoned();
      expect(await host.lockedIds(), `write ${write}`).toEqual([]);
      expect(await host.owners(ids), `write ${write}`).toEqual(owners);
      expect(await host.finishAbandoned()).toBe(0);
    }
    expect([...seen].toSorted()).toEqual(['anna', 'bert']);
  });

  it('keeps nobody from writing once the deadline has passed', async () => {
    for (let write = 1, died = true; died; write++) {
      const host = new TransactionFixture();
      const ids = await host.contacts(1);
      died = await dieAt(host, ids, write, when);
      const [owner] = await host.owners(ids);
      host.clock.pass(DEADLINE_SECONDS + 2);
      const on = '2026-03-02T00:00:00.000Z';
      for (const id of ids) await host.records.change('contact', id, { columns: { phone: '1' } }, { by: 'kim', on });
      await host.give(ids, 'carl');
      await host.finishAbandoned();
      const expected = { ownerId: 'carl', version: owner === 'bert' ? 4 : 3, columns: { phone: '1' } };
      for (const id of ids) expect(await host.value(id), `write ${write}`).toMatchObject(expected);
    }
  });
});
