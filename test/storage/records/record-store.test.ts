import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { findRelationship } from '../../../shared/catalogue/relationships.ts';
import type { TableName } from '../../../shared/catalogue/tables.ts';
import { Problem } from '../../../shared/problem.ts';
import type { NewRecord } from '../../../shared/records/create-records.ts';
import { listChildren } from '../../../shared/records/list-children.ts';
import { bucketOf, createIdSource } from '../../../shared/records/record-ids.ts';
import { RecordStore } from '../../../shared/records/record-store.ts';
import type { Storage } from '../../../shared/storage/storage.ts';
import { createFailingStorage, type FailingStorage } from '../../support/failing-storage.ts';
import { openTestStorage } from '../../support/test-storage.ts';

const ON = '2026-03-01T10:00:00.000Z';
const LATER = { by: 'anna', on: '2026-03-02T10:00:00.000Z' };
const newId = createIdSource();

let failing: FailingStorage;
let storage: Storage;
let records: RecordStore;

beforeEach(() => {
  failing = createFailingStorage();
  storage = openTestStorage({ policies: [failing.policy] });
  records = new RecordStore(storage);
});

function make(
  table: TableName,
  columns: NewRecord['value']['columns'],
  more: Partial<NewRecord['value']> = {},
): NewRecord {
  const value = {
    id: newId(),
    table,
    ownerId: 'admin',
    state: 'Active',
    createdOn: ON,
    createdBy: 'admin',
    columns,
    lookups: {},
    ...more,
  } as const;
  return { value, origin: randomUUID() };
}

async function account(name = 'Contoso'): Promise<string> {
  return (await records.create(make('account', { name }))).value.id;
}

async function childrenOf(parentId: string): Promise<string[]> {
  const relationship = findRelationship('account_contacts');
  if (!relationship) throw new Error('no such relationship');
  const { items } = await listChildren(records.tables, {
    relationship,
    parentId,
    pageSize: 500,
    after: undefined,
    shown: async (children) => [...children],
  });
  return items.map(({ value }) => value.id);
}

function slugOf(outcome: unknown): string | undefined {
  return outcome instanceof Problem ? outcome.slug : undefined;
}

describe('the row of a record', () => {
  it('gives back what was written, of every kind of value', async () => {
    const columns = { orderNumber: 'S-1', amount: 5_000_000_000, currency: 'EUR' };
    const { value } = await records.create(make('order', columns));
    const read = await records.get('order', value.id);
    expect(read.value).toEqual(value);
    expect(read.value.columns).toEqual(columns);
    expect((await records.create(make('orderline', { item: 'A', quantity: 0.5, price: -3 }))).value.columns).toEqual({
      item: 'A',
      quantity: 0.5,
      price: -3,
    });
  });

  it('clears a column and a lookup for good, and rises by one version with each change', async () => {
    const parent = await account();
    const { value } = await records.create(
      make('quote', { quoteNumber: 'Q1', amount: 3 }, { lookups: { account_quotes: parent } }),
    );
    const changed = await records.change(
      'quote',
      value.id,
      { columns: { amount: null }, lookups: { account_quotes: null } },
      LATER,
    );
    expect(changed.value.version).toBe(2);
    expect((await records.get('quote', value.id)).value).toEqual(changed.value);
    expect(changed.value.columns).toEqual({ quoteNumber: 'Q1' });
    expect(changed.value.lookups).toEqual({});
  });

  it('keeps its version when nothing would differ', async () => {
    const id = await account();
    const same = await records.change('account', id, { columns: { name: 'Contoso' } }, LATER);
    expect(same.value.version).toBe(1);
    expect(same.value.modifiedOn).toBe(ON);
  });
});

describe('E5 a change of a record happens once', () => {
  it('is refused when somebody else has changed the record since it was read', async () => {
    const id = await account();
    await records.change('account', id, { columns: { phone: '1' } }, { ...LATER, ifVersion: 1 });
    const second = records.change('account', id, { columns: { phone: '2' } }, { ...LATER, ifVersion: 1 });
    await expect(second).rejects.toMatchObject({ slug: 'stale-version', extra: { version: 2 } });
  });

  it('counts each of many changes at the same time', async () => {
    const id = await account();
    const columns = ['phone', 'email', 'group', 'title', 'receiptPreference'];
    await Promise.all(columns.map((name) => records.change('account', id, { columns: { [name]: 'x' } }, LATER)));
    const { value } = await records.get('account', id);
    expect(value.version).toBe(1 + columns.length);
    expect(Object.keys(value.columns).sort()).toEqual([...columns, 'name'].sort());
  });

  it('is not done a second time when its answer was lost', async () => {
    const id = await account();
    failing.loseAnswers(1, (request) => request.method !== 'GET' && request.url.includes('recordsaccount'));
    const changed = await records.change('account', id, { columns: { phone: '1' } }, LATER);
    expect(changed.value.version).toBe(2);
    expect((await records.get('account', id)).value.version).toBe(2);
  });

  it('finds its own record again when making one is repeated, and nobody else’s', async () => {
    const first = make('account', { name: 'Once' });
    const made = await records.create(first);
    expect((await records.create(first)).etag).toBe(made.etag);
    const other = await records.create({ ...first, origin: 'another' }).catch(slugOf);
    expect(other).toBe('conflict');
  });

  it('applies a customer operation only above the sequence that the record carries', async () => {
    const id = await account();
    await records.change(
      'account',
      id,
      { columns: { phone: 'new' } },
      { ...LATER, applied: { customer: 'c', stamp: '000000000000007' } },
    );
    const skipped = await records.change(
      'account',
      id,
      { columns: { phone: 'old' } },
      { ...LATER, applied: { customer: 'c', stamp: '000000000000007' } },
    );
    expect(skipped.value.columns.phone).toBe('new');
    expect(skipped.value.version).toBe(2);
  });
});

describe('making many records', () => {
  it('writes the good ones and tells of each bad one by itself', async () => {
    const parent = await account();
    const taken = await records.create(make('contact', { fullName: 'Taken' }));
    const batch = Array.from({ length: 120 }, (_, at) =>
      make('contact', { fullName: `C ${at}` }, { lookups: { account_contacts: parent } }),
    );
    batch[7] = make('contact', { fullName: 'Clash' }, { id: taken.value.id });
    batch[50] = make('contact', { fullName: 'Orphan' }, { lookups: { account_contacts: newId() } });
    const outcomes = await records.createMany(batch);
    const slugs = outcomes.map(slugOf);
    expect(slugs.filter((slug) => slug !== undefined)).toEqual(['conflict', 'rule-broken']);
    expect([slugs[7], slugs[50]]).toEqual(['conflict', 'rule-broken']);
    expect(await childrenOf(parent)).toHaveLength(118);
  });

  it('refuses a record whose id an earlier one of the list has, and that record alone', async () => {
    const [one, two] = [make('contact', { fullName: 'One' }), make('contact', { fullName: 'Two' })];
    const origin = 'the same request';
    const twice = { ...make('contact', { fullName: 'Again' }, { id: one.value.id }), origin };
    const slugs = (await records.createMany([{ ...one, origin }, two, twice])).map(slugOf);
    expect(slugs).toEqual([undefined, undefined, 'conflict']);
    expect((await records.get('contact', one.value.id)).value.columns).toEqual({ fullName: 'One' });
  });

  it('splits what Azure would find too large for one transaction', async () => {
    const text = 'ß'.repeat(30_000);
    const batch = Array.from({ length: 60 }, () => make('account', { name: text, group: text }));
    const outcomes = await records.createMany(batch);
    expect(outcomes.filter((outcome) => outcome instanceof Problem)).toEqual([]);
    expect(new Set(batch.map(({ value }) => bucketOf(value.id))).size).toBeLessThan(3);
  });
});

describe('C7 a child finds no place under a parent that is going', () => {
  it('is refused with the job when the parent is fenced, and says what locks it when a transaction has it', async () => {
    const parent = await account();
    const rows = records.tables.rows('account');
    await records.tables.locks.transactions.begin('job-1', 60, []);
    for (const [lockKind, slug] of [
      ['fence', 'conflict'],
      ['transaction', 'locked'],
    ] as const) {
      const { etag } = await records.get('account', parent);
      const row = { partitionKey: bucketOf(parent), rowKey: parent, lockKind, lockJob: 'job-1' };
      await rows.write([{ kind: 'merge', row, etag }]);
      const refused = await records
        .create(make('contact', { fullName: 'Late' }, { lookups: { account_contacts: parent } }))
        .catch((error) => error);
      expect(refused).toMatchObject({ slug, extra: { jobId: 'job-1' } });
    }
    expect(await childrenOf(parent)).toEqual([]);
  });

  it('is refused with the job when a deleter has put a tombstone at its id first', async () => {
    const late = make('contact', { fullName: 'Late' });
    const { id } = late.value;
    const tombstone = {
      ownerId: '',
      state: 'Active',
      createdOn: ON,
      createdBy: '',
      modifiedOn: ON,
      modifiedBy: '',
      version: 1,
    };
    const row = {
      partitionKey: bucketOf(id),
      rowKey: id,
      ...tombstone,
      deletedOn: ON,
      deletedBy: 'x',
      deletedByJob: 'job-2',
    };
    await records.tables.rows('contact').write([{ kind: 'insert', row }]);
    await expect(records.create(late)).rejects.toMatchObject({ slug: 'conflict', extra: { jobId: 'job-2' } });
    await expect(records.get('contact', id)).rejects.toMatchObject({ slug: 'not-found', extra: { jobId: 'job-2' } });
  });
});

describe('the hints from a parent to its children', () => {
  it('lead to each child in the order of the rows, and are checked against the child', async () => {
    const parent = await account();
    const children = Array.from({ length: 30 }, () =>
      make('contact', { fullName: 'C' }, { lookups: { account_contacts: parent } }),
    );
    await records.createMany(children);
    await records.hints('account_contacts').put(parent, newId(), ON);
    const found: string[] = [];
    for await (const hint of records.hints('account_contacts').of(parent)) found.push(hint.childId);
    expect(found).toHaveLength(31);
    expect(found).toEqual([...found].sort());
    expect((await childrenOf(parent)).sort()).toEqual(children.map(({ value }) => value.id).sort());
  });

  it('survive a child that moves away and back while the old hint is being removed', async () => {
    const [one, two] = [await account('one'), await account('two')];
    const quote = await records.create(make('quote', { quoteNumber: 'Q' }, { lookups: { account_quotes: one } }));
    const hints = records.hints('account_quotes');
    const seen = await hints.find(one, quote.value.id);
    await records.change('quote', quote.value.id, { lookups: { account_quotes: two } }, LATER);
    expect(await hints.find(one, quote.value.id)).toBeUndefined();
    await records.change('quote', quote.value.id, { lookups: { account_quotes: one } }, LATER);
    if (seen) await hints.remove(one, seen);
    expect(await hints.find(one, quote.value.id)).toBeDefined();
  });
});

describe('A7 a value that finds a record is given once', () => {
  it('refuses an account number that another account has, and finds its account by it', async () => {
    const { value } = await records.create(make('account', { name: 'A', accountNumber: 'C/7 ü' }));
    const second = await records.create(make('account', { name: 'B', accountNumber: 'C/7 ü' })).catch(slugOf);
    expect(second).toBe('rule-broken');
    expect(await records.uniqueValues.find('account', 'C/7 ü')).toBe(value.id);
  });
});
