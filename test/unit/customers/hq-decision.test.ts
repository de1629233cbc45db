/** Bugs hunted here: a late attempt that undoes an edit; an attempt that forgets what the one before has planned or written. */
import { describe, expect, it } from 'vitest';
import { type Defaults, decideOperation } from '../../../shared/customers/apply/apply-decision.ts';
import type { Seen } from '../../../shared/customers/apply/apply-seen.ts';
import { valueProblems } from '../../../shared/customers/apply/apply-validation.ts';
import { type OperationBody, type OperationName, operationId } from '../../../shared/customers/customer-operation.ts';
import { mayLease } from '../../../shared/customers/headquarters/customer-head.ts';
import {
  type StoredOperation,
  sequenceKey,
  stampOf,
  uploadedOperation,
} from '../../../shared/customers/headquarters/stored-operation.ts';
import { withStamp } from '../../../shared/records/applied-stamps.ts';
import type { StoredRecord } from '../../../shared/records/record.ts';

const CUSTOMER = '11111111-1111-4111-8111-111111111111';
const ADDRESS = '22222222-2222-4222-8222-222222222222';
const NO_DEFAULTS: Defaults = { values: {}, affiliations: [] };

function operation(name: OperationName, body: OperationBody, more: Partial<StoredOperation> = {}): StoredOperation {
  const targetId = name.endsWith('Address') ? ADDRESS : CUSTOMER;
  const staged = {
    channel: 'c',
    replicationCounter: 1,
    operation: name,
    customerAsyncId: CUSTOMER,
    targetId,
    body,
    createdOn: '2026-03-01T10:00:00.000Z',
    createdBy: 'channel:c',
  };
  return { ...uploadedOperation(staged, sequenceKey(7), '2026-03-01T10:01:00.000Z'), ...more };
}

function record(table: 'account' | 'address', more: Partial<StoredRecord> = {}, value = {}): StoredRecord {
  return {
    value: {
      id: table === 'account' ? CUSTOMER : ADDRESS,
      table,
      ownerId: 'admin',
      state: 'Active',
      createdOn: '2026-01-01T00:00:00.000Z',
      createdBy: 'admin',
      modifiedOn: '2026-01-01T00:00:00.000Z',
      modifiedBy: 'admin',
      version: 3,
      columns: { name: 'Anna', phone: '1' },
      lookups: table === 'address' ? { account_addresses: CUSTOMER } : {},
      ...value,
    },
    etag: 'e',
    tombstone: undefined,
    lock: undefined,
    appliedSequence: '',
    origin: '',
    ...more,
  };
}

const account = (more: Partial<StoredRecord> = {}, value = {}): Seen => {
  const stored = record('account', more, value);
  return { account: stored, target: stored };
};
const NOBODY: Seen = { account: undefined, target: undefined };
const OWN = `${CUSTOMER}.c.1`;

/** What a record carries of a customer's operations. */
const stamped = (stamp: string, customer = CUSTOMER) => ({ appliedSequence: withStamp('', { customer, stamp }) });

describe('A6 deciding an operation', () => {
  it('keeps the values that a change will replace, of the version that was read', () => {
    const decision = decideOperation(operation('editCustomer', { phone: '2', title: 'Dr.' }), account(), NO_DEFAULTS);
    const plan = { attempt: 0, recordVersion: 3, old: { phone: '1' }, filled: {}, affiliations: [] };
    expect(decision).toEqual({ kind: 'change', columns: { phone: '2', title: 'Dr.' }, ifVersion: 3, plan });
  });

  it('plans anew what an earlier attempt has not written, whatever that has planned for a version that never was', () => {
    for (const recordVersion of [2, 3, 4]) {
      const plan = { attempt: 0, recordVersion, old: { phone: '0' }, filled: {}, affiliations: [] };
      const edit = operation('editCustomer', { phone: '2' }, { plan });
      expect(decideOperation(edit, account(), NO_DEFAULTS)).toMatchObject({
        plan: { recordVersion: 3, old: { phone: '1' } },
      });
    }
  });

  it('has nothing to write when this attempt or a later operation is on the record', () => {
    const edit = operation('editCustomer', { phone: '2' });
    for (const stamp of [sequenceKey(7), sequenceKey(8)]) {
      expect(decideOperation(edit, account(stamped(stamp)), NO_DEFAULTS)).toEqual({ kind: 'written' });
    }
    expect(decideOperation(edit, account(stamped(sequenceKey(6))), NO_DEFAULTS).kind).toBe('change');
  });

  it('writes again what was edited after an earlier attempt wrote it', () => {
    const edited = operation('editCustomer', { phone: '2' }, { attempt: 1 });
    expect(decideOperation(edited, account(stamped(sequenceKey(7))), NO_DEFAULTS).kind).toBe('change');
    expect(decideOperation(edited, account(stamped(stampOf(edited))), NO_DEFAULTS).kind).toBe('written');
  });
});

describe('A7 deciding a creation', () => {
  const defaults: Defaults = { values: { currency: 'NOK', language: 'nb' }, affiliations: ['vip'] };

  it('fills in what the body leaves open or empty', () => {
    const create = operation('createCustomer', { name: 'Anna', currency: 'EUR', language: null });
    expect(decideOperation(create, NOBODY, defaults)).toMatchObject({
      kind: 'create',
      columns: { name: 'Anna', currency: 'EUR', language: 'nb' },
      plan: { recordVersion: 0, filled: { language: 'nb' }, affiliations: ['vip'] },
    });
  });

  it('stays with the plan of this attempt though the defaults have changed', () => {
    const plan = { attempt: 0, recordVersion: 0, old: {}, filled: { currency: 'SEK' }, affiliations: [] };
    const create = operation('createCustomer', { name: 'Anna' }, { plan });
    expect(decideOperation(create, NOBODY, defaults)).toMatchObject({
      plan,
      columns: { name: 'Anna', currency: 'SEK' },
    });
  });

  it('goes on with an account that it made itself', () => {
    const create = operation('createCustomer', { name: 'Anna' });
    const made = { origin: OWN, ...stamped(sequenceKey(7)) };
    expect(decideOperation(create, account(made), defaults)).toEqual({ kind: 'written' });
    const again = { ...create, attempt: 1, body: { name: 'Anna', phone: '9' } };
    expect(decideOperation(again, account(made), defaults)).toMatchObject({
      kind: 'change',
      columns: { name: 'Anna', phone: '9' },
      plan: { attempt: 1, old: {} },
    });
  });
});

describe('A7 A9 deciding a creation of what is there', () => {
  it('refuses it, as the customer may be another, until somebody says that it is the same', () => {
    const create = operation('createCustomer', { name: 'Berg' });
    const refused = decideOperation(create, account(), NO_DEFAULTS);
    expect(refused).toMatchObject({ kind: 'refuse', error: expect.stringContaining('nothing was changed') });
    const own = account({ origin: operationId(create) });
    expect(decideOperation(create, own, NO_DEFAULTS).kind).toBe('change');
  });

  it('lays the values given over an account, and nothing else', () => {
    const same = { originalTargetId: operation('createCustomer', {}).targetId };
    const create = operation('createCustomer', { name: 'Berg', email: null }, same);
    expect(decideOperation(create, account(), { values: { currency: 'NOK' }, affiliations: ['vip'] })).toEqual({
      kind: 'change',
      columns: { name: 'Berg' },
      state: 'Active',
      ifVersion: 3,
      plan: { attempt: 0, recordVersion: 3, old: { name: 'Anna' }, filled: {}, affiliations: [], existed: true },
    });
  });

  it('does not take the stamp of another customer for its own', () => {
    const lookups = { account_addresses: ADDRESS };
    const target = record('address', stamped(sequenceKey(9), ADDRESS), { lookups });
    expect(decideOperation(operation('editAddress', { city: 'A' }), { ...account(), target }, NO_DEFAULTS).kind).toBe(
      'refuse',
    );
  });
});

describe('A9 refusals', () => {
  const tombstone = { deletedOn: '2026-02-01T00:00:00.000Z', deletedBy: 'bob', jobId: undefined };
  const refusal = (of: StoredOperation, seen: Seen) => {
    const decision = decideOperation(of, seen, NO_DEFAULTS);
    return decision.kind === 'refuse' ? decision.error : decision.kind;
  };

  it.each([
    [
      'a deleted customer',
      operation('editCustomer', { phone: '2' }),
      account({ tombstone }),
      'deleted on 2026-02-01T00:00:00.000Z by bob',
    ],
    ['a customer that is not there', operation('editCustomer', { phone: '2' }), NOBODY, `no customer ${CUSTOMER}`],
    [
      'an address that is not there',
      operation('editAddress', { city: 'A' }),
      { ...account(), target: undefined },
      `no address ${ADDRESS}`,
    ],
    [
      'a deactivated address',
      operation('editAddress', { city: 'A' }),
      { ...account(), target: record('address', {}, { state: 'Inactive' }) },
      'was deactivated',
    ],
    [
      'an address of another customer',
      operation('deactivateAddress', {}),
      { ...account(), target: record('address', {}, { lookups: { account_addresses: ADDRESS } }) },
      'another customer',
    ],
  ])('name %s', (_, of, seen, expected) => {
    expect(refusal(of, seen)).toContain(expected);
  });

  it('of values name field and value', () => {
    expect(valueProblems('createCustomer', { currency: 'EURO', language: 'x y' }, true)).toEqual([
      'currency: "EURO" is refused (is not an ISO 4217 currency code such as EUR).',
      'language: "x y" is refused (is not a BCP 47 language tag such as en-US).',
      'name: is missing, and is required.',
    ]);
    expect(valueProblems('editCustomer', { name: null, accountNumber: 'C1', shoeSize: 44 }, false)).toEqual([
      "name: no value can't be cleared, as the field is required.",
      'accountNumber: "C1" is set by headquarters alone.',
      'shoeSize: 44 is not a field of this record.',
    ]);
    expect(valueProblems('editCustomer', { phone: null, email: 'anna@contoso.com', type: 'Person' }, false)).toEqual(
      [],
    );
  });
});

describe('A6 a lease', () => {
  const head = { uploadedThrough: '', appliedThrough: '', accountNumber: '', blockedBy: '', epoch: 1 };

  it('is for one holder until it runs out', () => {
    const leased = { ...head, holder: 'a', holdUntilMs: 1_000 };
    expect(mayLease(leased, 'b', 999)).toBe(false);
    expect(mayLease(leased, 'b', 1_000)).toBe(true);
    expect(mayLease(leased, 'a', 999)).toBe(true);
    expect(mayLease({ ...head, holder: '', holdUntilMs: 0 }, 'b', 0)).toBe(true);
  });
});
