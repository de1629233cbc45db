import { describe, expect, it } from 'vitest';
import {
  isIncluded,
  type OperationProgress,
  type OwnOperation,
  overlay,
  PENDING,
  syncStatusOf,
  viewOf,
} from '../../../shared/customers/channel/channel-view.ts';
import type { OperationBody, OperationName } from '../../../shared/customers/customer-operation.ts';
import type { CustomerSnapshot } from '../../../shared/customers/ports.ts';

const CUSTOMER = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
const ON = '2026-03-01T10:00:00.000Z';

const snapshot: CustomerSnapshot = {
  customerAsyncId: CUSTOMER,
  accountNumber: 'C-7',
  createdOn: ON,
  exists: true,
  columns: { name: 'Anna', email: 'anna@contoso.com' },
  addresses: [{ id: 'home', columns: { street: 'Ring 1', city: 'Wien' } }],
  affiliations: ['vip'],
  appliedThrough: '05',
  takenOn: ON,
};

const completed = (sequence: string): OperationProgress => ({ status: 'Completed', sequence });

let counter = 0;
function own(
  operation: OperationName,
  body: OperationBody,
  progress: OperationProgress = PENDING,
  targetId: string = CUSTOMER,
): OwnOperation {
  counter++;
  const who = { channel: 'pos', customerAsyncId: CUSTOMER, createdOn: ON, createdBy: 'channel:pos' };
  return { operation: { ...who, replicationCounter: counter, operation, targetId, body }, progress };
}

describe('A14 the own operations over the downloaded copy', () => {
  it('set, clear and keep columns', () => {
    const { columns } = overlay(snapshot, [own('editCustomer', { phone: '1', email: null })]);
    expect(columns).toEqual({ name: 'Anna', phone: '1' });
  });

  it('make a customer before anything was downloaded', () => {
    const made = [own('createCustomer', { name: 'Zoë' }), own('createAddress', { street: 'A' }, PENDING, 'one')];
    expect(overlay(undefined, made)).toEqual({
      columns: { name: 'Zoë' },
      addresses: [{ id: 'one', columns: { street: 'A' } }],
      ...{ contacts: [], affiliations: [], attributes: [] },
    });
  });

  it('make, edit and end addresses, each for itself', () => {
    const operations = [
      own('createAddress', { street: 'B', zip: '1' }, PENDING, 'work'),
      own('editAddress', { zip: null, city: 'Graz' }, PENDING, 'work'),
      own('deactivateAddress', {}, PENDING, 'home'),
      own('editAddress', { city: 'nowhere' }, PENDING, 'gone'),
    ];
    expect(overlay(snapshot, operations).addresses).toEqual([{ id: 'work', columns: { street: 'B', city: 'Graz' } }]);
  });

  it('count in the order of their counters, whatever order they are given in', () => {
    const [first, second] = [own('editCustomer', { name: 'B' }), own('editCustomer', { name: 'C' })];
    expect(overlay(snapshot, [second, first]).columns.name).toBe('C');
  });

  it.each([
    ['that the copy includes don’t count', completed('05'), 'Anna'],
    ['that were completed after the copy was taken count', completed('06'), 'B'],
    ['that wait for their upload count', PENDING, 'B'],
    ['that were uploaded count', { status: 'Uploaded', sequence: '03' } as const, 'B'],
    ['that failed count', { status: 'Failed', sequence: '03' } as const, 'B'],
    ['that are held count', { status: 'Held', sequence: '03' } as const, 'B'],
  ])('%s', (_what, progress, name) => {
    expect(overlay(snapshot, [own('editCustomer', { name: 'B' }, progress)]).columns.name).toBe(name);
    expect(isIncluded(snapshot, progress)).toBe(name === 'Anna');
    expect(isIncluded(undefined, progress)).toBe(false);
  });

  it('leave the copy as it was given', () => {
    const before = structuredClone(snapshot);
    overlay(snapshot, [own('editCustomer', { name: 'B' }), own('editAddress', { city: 'x' }, PENDING, 'home')]);
    expect(snapshot).toEqual(before);
  });
});

describe('A14 the status of a customer', () => {
  it.each([
    [[], 'Synchronized'],
    [[completed('05')], 'Synchronized'],
    [[completed('06')], 'Synchronized'],
    [[{ status: 'Uploaded', sequence: '06' }, completed('05')], 'Uploaded'],
    [[{ status: 'Uploaded', sequence: '06' }, PENDING], 'Pending'],
    [[PENDING, { status: 'Held', sequence: '06' }], 'Held'],
    [[PENDING, { status: 'Held', sequence: '07' }, { status: 'Failed', sequence: '06' }], 'Failed'],
  ] as [OperationProgress[], string][])('is the worst of its own operations: %j', (progress, expected) => {
    const operations = progress.map((each) => own('editCustomer', { name: 'B' }, each));
    expect(syncStatusOf(snapshot, operations)).toBe(expected);
  });
});

describe('A7 the view of a customer', () => {
  it('says Pending sync until the number was downloaded', () => {
    const made = { customerAsyncId: CUSTOMER, createdOn: ON, own: [own('createCustomer', { name: 'Zoë' })] };
    expect(viewOf({ ...made, snapshot: undefined }, 3)).toEqual({
      ...{ id: CUSTOMER, customerId: CUSTOMER, customerAsyncId: CUSTOMER, accountNumber: 'Pending sync' },
      ...{
        syncStatus: 'Pending',
        createdOn: ON,
        name: 'Zoë',
        addresses: [],
        ...{ affiliations: [], contacts: [], attributes: [] },
        configurationVersion: 3,
      },
    });
    expect(viewOf({ ...made, snapshot: { ...snapshot, accountNumber: null } }, 3)?.accountNumber).toBe('Pending sync');
  });

  it('shows both ids, the addresses and the affiliations once they were', () => {
    const view = viewOf({ customerAsyncId: CUSTOMER, createdOn: ON, snapshot, own: [] }, 1);
    expect(view).toMatchObject({ customerId: CUSTOMER, accountNumber: 'C-7', affiliations: ['vip'] });
    expect(view?.addresses).toEqual([{ id: 'home', street: 'Ring 1', city: 'Wien' }]);
  });

  it('is none when the customer was deleted', () => {
    const deleted = { ...snapshot, exists: false };
    const customer = { customerAsyncId: CUSTOMER, createdOn: ON, snapshot: deleted, own: [own('editCustomer', {})] };
    expect(viewOf(customer, 1)).toBeUndefined();
  });
});
