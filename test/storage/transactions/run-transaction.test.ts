/**
 * Hunts: readers that see half of a transaction, transactions that both win or wait for one another, locks that outlive
 * their transaction, a late commit that overtakes an abort, clocks.
 */
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { Problem } from '../../../shared/problem.ts';
import { mapParallel } from '../../../shared/storage/parallel.ts';
import { createGate } from '../../support/gate.ts';
import { DEADLINE_SECONDS, keyOf, TransactionFixture } from './transaction-fixture.ts';

type Request = Parameters<Parameters<typeof createGate>[0]>[0];

const writes = ({ method, url, body }: Request, ...texts: readonly string[]) => {
  const sent = `${url} ${typeof body === 'string' ? body : ''}`;
  return method !== 'GET' && texts.every((text) => sent.includes(text));
};
const isCommit = (request: Request) => writes(request, 'transactions', '"committed"');
const isRelease = (request: Request) => writes(request, 'recordscontact', '"lockJob":""');

let host: TransactionFixture;
beforeEach(() => {
  host = new TransactionFixture();
});

async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const outcome = await work.catch((error: unknown) => error);
  if (outcome instanceof Problem) return outcome;
  throw new Error(`Not refused: ${String(outcome)}`);
}

describe('C2 a transaction', () => {
  it('changes all rows, leaves no lock, and is dated by the storage service', async () => {
    const ids = await host.contacts(3);
    host.clock.pass(86_400);
    const committedOn = await host.give(ids, 'bert');
    expect(await host.owners(ids)).toEqual(['bert']);
    expect(await host.lockedIds()).toEqual([]);
    expect(Date.parse(committedOn) - Date.now()).toBeGreaterThan(86_000_000);
    expect(await host.value(ids[0] ?? '')).toMatchObject({ version: 2, columns: { fullName: 'Zoë' } });
  });

  it('shows nothing before its commit and everything after, although no row is released yet', async () => {
    const ids = await host.contacts(3);
    const before = createGate(isCommit);
    const after = createGate(isRelease);
    const running = host.open([before.policy, after.policy]).give(ids, 'bert');
    await before.reached;
    expect(await host.lockedIds()).toHaveLength(ids.length);
    expect(await host.owners(ids)).toEqual(['anna']);
    before.open();
    await after.reached;
    expect(await host.lockedIds()).toHaveLength(ids.length);
    expect(await host.owners(ids)).toEqual(['bert']);
    expect(await host.value(ids[0] ?? '')).toMatchObject({ version: 2 });
    after.open();
    await running;
    expect(await host.lockedIds()).toEqual([]);
  });

  it('never lets a reader go back once it has seen the new value, while many read', async () => {
    const ids = await host.contacts(4, 5);
    let done = false;
    const seen = new Map<string, string[]>();
    const readers = mapParallel([0, 1, 2, 3], 4, async (reader) => {
      const own: string[] = [];
      while (!done) for (const id of ids) own.push((await host.value(id)).ownerId);
      seen.set(String(reader), own);
    });
    await host.open().give(ids, 'bert');
    done = true;
    await readers;
    for (const own of seen.values()) {
      const first = own.indexOf('bert');
      expect(own.slice(first < 0 ? own.length : first).every((owner) => owner === 'bert')).toBe(true);
    }
    expect(await host.owners(ids)).toEqual(['bert']);
  });

  it('answers writers of a locked record with 423, its job and when to come again', async () => {
    const [id = ''] = await host.contacts(1);
    const gate = createGate(isCommit);
    const jobId = randomUUID();
    const running = host.open([gate.policy]).give([id], 'bert', { id: `${jobId}:1` });
    await gate.reached;
    const write = host.records.change('contact', id, { columns: { phone: '1' } }, { by: 'kim', on: '2026-03-02' });
    const problem = await problemOf(write);
    expect(problem).toMatchObject({ status: 423, extra: { jobId } });
    expect(problem.retryAfterSeconds).toBeGreaterThan(0);
    gate.open();
    await running;
  });

  it('makes rows that are not there before the commit, and removes them when it is rolled back', async () => {
    const [id = ''] = await host.contacts(1);
    const participants = [
      ...(await host.giving([id], 'bert')),
      { ...keyOf(id), rowKey: `~x|${id}`, kind: 'insert', values: { note: 'new' } } as const,
    ];
    const refuse = async () => Promise.reject(new Problem('conflict', 'No.'));
    await problemOf(host.give([id], 'bert', { participants, validate: refuse }));
    const rows = host.storage.table(keyOf(id).table);
    expect(await rows.get(keyOf(id).partitionKey, `~x|${id}`)).toBeUndefined();
    await host.give([id], 'bert', { participants: [...(await host.giving([id], 'bert')), ...participants.slice(1)] });
    expect(await rows.get(keyOf(id).partitionKey, `~x|${id}`)).toMatchObject({ note: 'new', lockKind: '' });
  });

  it('decides again on a row that was changed since it was seen', async () => {
    const ids = await host.contacts(2);
    const participants = await host.giving(ids, 'bert');
    const on = '2026-03-02T00:00:00.000Z';
    await host.records.change('contact', ids[1] ?? '', { columns: { phone: '1' } }, { by: 'kim', on });
    await host.give(ids, 'bert', { participants });
    expect(await host.value(ids[1] ?? '')).toMatchObject({ ownerId: 'bert', version: 3, columns: { phone: '1' } });
  });
});

describe('C3 a transaction that fails', () => {
  it('reads as unchanged at the very next read, before any row was released', async () => {
    const ids = await host.contacts(3);
    const gate = createGate(isRelease);
    const participants = await host.giving(ids, 'bert');
    const decideAgain = () => {
      throw new Problem('conflict', 'It has another owner.');
    };
    const last = ids.toSorted().at(-1) ?? '';
    const on = '2026-03-02T00:00:00.000Z';
    await host.records.change('contact', last, { columns: { phone: '1' } }, { by: 'kim', on });
    const running = problemOf(host.open([gate.policy]).give(ids, 'bert', { participants, decideAgain }));
    await gate.reached;
    expect(await host.lockedIds()).toHaveLength(ids.length - 2);
    expect(await host.owners(ids)).toEqual(['anna']);
    const write = { columns: { phone: '2' } };
    await host.records.change('contact', ids[0] ?? '', write, { by: 'kim', on });
    gate.open();
    expect(await running).toMatchObject({ status: 409, message: 'It has another owner.' });
    expect(await host.lockedIds()).toEqual([]);
    expect(await host.value(ids[0] ?? '')).toMatchObject({ version: 2, columns: { phone: '2' } });
  });

  it('gives way to a live lock of another with 423 and that one’s job', async () => {
    const ids = await host.contacts(3);
    const gate = createGate(isCommit);
    const first = host.open([gate.policy]).give(ids.slice(4), 'bert', { id: 'first' });
    await gate.reached;
    expect(await problemOf(host.give(ids, 'carl', { id: 'second' }))).toMatchObject({
      status: 423,
      extra: { jobId: 'first' },
    });
    expect(await host.owners(ids)).toEqual(['anna']);
    gate.open();
    await first;
    expect((await host.owners(ids)).toSorted()).toEqual(['anna', 'bert']);
  });

  it('of many that cross, some win each time, and all come to their end', async () => {
    const ids = await host.contacts(4);
    const names = ['bert', 'carl', 'dora', 'emil'];
    let rounds = 0;
    let left = names;
    while (left.length > 0) {
      rounds++;
      const outcomes = await Promise.all(
        left.map(async (name) => {
          const problem = await host
            .open()
            .give(ids, name)
            .catch((error: unknown) => error);
          if (problem instanceof Problem) expect(problem.status).toBe(423);
          return problem instanceof Problem ? [name] : [];
        }),
      );
      const losers = outcomes.flat();
      expect(losers.length).toBeLessThan(left.length);
      left = losers;
    }
    expect(rounds).toBeLessThanOrEqual(names.length);
    expect(await host.owners(ids)).toHaveLength(1);
    expect(await host.lockedIds()).toEqual([]);
    expect((await host.value(ids[0] ?? '')).version).toBe(1 + names.length);
  });
});

describe('C2 deadlines', () => {
  it('abort a transaction whose owner is silent, at the first look of anybody; its late commit loses', async () => {
    const ids = await host.contacts(2);
    const gate = createGate(isCommit);
    const late = problemOf(host.open([gate.policy]).give(ids, 'bert'));
    await gate.reached;
    host.clock.pass(DEADLINE_SECONDS + 2);
    const on = '2026-03-02T00:00:00.000Z';
    await host.records.change('contact', ids[0] ?? '', { columns: { phone: '1' } }, { by: 'kim', on });
    gate.open();
    expect(await late).toMatchObject({ status: 503, slug: 'transaction-too-long' });
    expect(await host.owners(ids)).toEqual(['anna']);
    expect(await host.value(ids[0] ?? '')).toMatchObject({ columns: { phone: '1' } });
    expect(await host.lockedIds()).toEqual([]);
  });

  it('hold also for the owner itself: it rolls back with 503 and advises mode=async', async () => {
    const ids = await host.contacts(2);
    const validate = async () => host.clock.pass(DEADLINE_SECONDS + 2);
    const problem = await problemOf(host.give(ids, 'bert', { validate }));
    expect(problem).toMatchObject({ status: 503, extra: { advice: 'mode=async' } });
    expect(await host.owners(ids)).toEqual(['anna']);
  });

  it('leave a lock alone until then, whatever the hosts’ own clocks say', async () => {
    const ids = await host.contacts(2);
    const gate = createGate(isCommit);
    const running = host.open([gate.policy]).give(ids, 'bert');
    await gate.reached;
    host.clock.pass(DEADLINE_SECONDS - 5);
    expect(await host.finishAbandoned()).toBe(0);
    expect(await host.owners(ids)).toEqual(['anna']);
    gate.open();
    await running;
    expect(await host.owners(ids)).toEqual(['bert']);
  });
});
