import type { StoredOperation } from '../headquarters/staging-row.ts';

/** What a completed operation did, in words. */
export function describeDone(operation: StoredOperation, accountNumber: string): string {
  const names = Object.keys(operation.body).join(', ') || 'nothing';
  const existed = operation.plan?.existed ?? false;
  const ofCustomer = accountNumber === '' ? '' : ` of customer ${accountNumber}`;
  const customer = accountNumber || operation.customerAsyncId;
  switch (operation.operation) {
    case 'createCustomer':
      if (existed) return `Customer ${customer} existed already; the fields given were applied to it.`;
      return `Customer created with account number ${accountNumber}.`;
    case 'editCustomer':
      return `Customer${accountNumber === '' ? '' : ` ${accountNumber}`} changed: ${names}.`;
    case 'createAddress':
      if (existed)
        return `Address${ofCustomer} existed already; the fields given were applied to it, and it is active.`;
      return `Address${ofCustomer} created.`;
    case 'editAddress':
      return `Address${ofCustomer} changed: ${names}.`;
    case 'deactivateAddress':
      return `Address${ofCustomer} deactivated.`;
  }
}

/** What a failed operation could not do, in words. */
export function describeFailed({ operation }: StoredOperation): string {
  const what = {
    createCustomer: 'The customer was not created',
    editCustomer: 'The customer was not changed',
    createAddress: 'The address was not created',
    editAddress: 'The address was not changed',
    deactivateAddress: 'The address was not deactivated',
  }[operation];
  return `${what}; later operations of this customer are held back until this one is synchronized.`;
}
