import { type OperationBody, type OperationName, targetTableOf } from '../customer-operation.ts';
import type { NewOperation } from '../staging/stage-request.ts';
import type { CustomerChange, NewPart } from './change.ts';
import { namedIdFor, partIdFor, type Reservation } from './customer-identity.ts';

/**
 * The operations of a change, in order. The same for every attempt of a request; `replaces`: the channel had what is set
 * when it took the change.
 */
export function operationsOf(
  change: CustomerChange,
  options: { customerId: string; reservation: Reservation; by: string; replaces: boolean },
): NewOperation[] {
  const { customerId, reservation, by, replaces } = options;
  const common = { customerAsyncId: customerId, createdOn: reservation.createdOn, createdBy: by };
  const makePart =
    (operation: 'createAddress' | 'setContact', firstIndex: number) =>
    ({ id, body }: NewPart, index: number): NewOperation => ({
      ...{ ...common, operation, body },
      targetId: id ?? partIdFor(customerId, reservation.requestId, firstIndex + index),
    });
  const named = (operation: OperationName, name: string, body: OperationBody): NewOperation => ({
    ...{ ...common, operation, body },
    targetId: namedIdFor(customerId, targetTableOf(operation), name),
  });
  const code = replaces && { code: 2 as const };
  switch (change.operation) {
    case 'createCustomer': {
      const { operation, body, addresses, contacts, affiliations } = change;
      return [
        { ...common, operation, targetId: customerId, body },
        ...addresses.map(makePart('createAddress', 0)),
        ...contacts.map(makePart('setContact', addresses.length)),
        ...affiliations.map((affiliationId) => named('setAffiliation', affiliationId, { affiliationId })),
      ];
    }
    case 'editCustomer':
      return [{ ...common, operation: change.operation, targetId: customerId, body: change.body }];
    case 'createAddress':
      return [makePart('createAddress', 0)(change.address, 0)];
    case 'editAddress':
      return [{ ...common, operation: change.operation, targetId: change.addressId, body: change.body }];
    case 'deactivateAddress':
      return [{ ...common, operation: change.operation, targetId: change.addressId, body: {} }];
    case 'setContact':
      return [{ ...common, ...code, operation: change.operation, targetId: change.contactId, body: change.body }];
    case 'removeContact':
      return [{ ...common, operation: change.operation, targetId: change.contactId, body: {} }];
    case 'setAffiliation':
    case 'setAttribute':
      return [{ ...named(change.operation, change.name, change.body), ...code }];
    case 'removeAffiliation':
    case 'removeAttribute':
      return [named(change.operation, change.name, change.body)];
  }
}
