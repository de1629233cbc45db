import { type OperationName, targetTableOf } from '../customer-operation.ts';
import type { StoredOperation } from '../headquarters/stored-operation.ts';

const NOUNS: Readonly<Record<string, string>> = { account: 'customer', contactInfo: 'contact' };

/** How people call a table's records. */
export function nounOf(table: string): string {
  return NOUNS[table] ?? table;
}

/** The attribute by which the status page gives an operation another target record of its customer. */
export function targetAttribute(table: string): string {
  return `${nounOf(table)}Id`;
}

/** What a completed operation did, in words. `mergedInto`: the customer that its own was merged into. */
export function describeDone(operation: StoredOperation, accountNumber: string, mergedInto?: string): string {
  const done = describe(operation, accountNumber);
  if (mergedInto === undefined) return done;
  return `${done} Customer ${accountNumber || operation.customerAsyncId} was merged into ${mergedInto}; the operation was applied there.`;
}

function describe(operation: StoredOperation, accountNumber: string): string {
  const names = Object.keys(operation.body).join(', ') || 'nothing';
  const existed = operation.plan?.existed ?? false;
  const ofCustomer = accountNumber === '' ? '' : ` of customer ${accountNumber}`;
  const customer = accountNumber || operation.customerAsyncId;
  const { affiliationId, name } = operation.body;
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
    case 'setContact':
      return `Contact${ofCustomer} set.`;
    case 'removeContact':
      return `Contact${ofCustomer} removed.`;
    case 'setAffiliation':
      return `Affiliation ${affiliationId}${ofCustomer} set.`;
    case 'removeAffiliation':
      return `Affiliation ${affiliationId}${ofCustomer} removed.`;
    case 'setAttribute':
      return `Attribute ${name}${ofCustomer} set.`;
    case 'removeAttribute':
      return `Attribute ${name}${ofCustomer} removed.`;
  }
}

/** What a failed operation could not do, in words. */
export function describeFailed({ operation, apart }: Pick<StoredOperation, 'operation' | 'apart'>): string {
  const what = `The ${nounOf(targetTableOf(operation))} was not ${participleOf(operation)}`;
  return `${what}; later operations of this customer${apart ? ' from its channel' : ''} are held back until this one is synchronized.`;
}

function participleOf(operation: OperationName): string {
  if (operation.startsWith('create')) return 'created';
  if (operation.startsWith('edit')) return 'changed';
  if (operation.startsWith('set')) return 'set';
  return operation.startsWith('deactivate') ? 'deactivated' : 'removed';
}
