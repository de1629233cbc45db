/** New values for an operation that headquarters has, as the status page's Save gives them: checked, and laid over the old. */
import type { z } from 'zod';
import { parse } from '../../http/request-parts.ts';
import { Problem } from '../../problem.ts';
import type { RecordStore } from '../../records/record-store.ts';
import {
  editAddressSchema,
  editAffiliationSchema,
  editAttributeNameSchema,
  editAttributeSchema,
  editContactSchema,
  editCustomerSchema,
} from '../channel/operation-schemas.ts';
import type { OperationBody } from '../customer-operation.ts';
import { checkNewName, otherTarget, targetNameOf } from './other-target.ts';
import type { StoredOperation } from './stored-operation.ts';

/** What editing works with. */
export interface EditPorts {
  readonly records: RecordStore;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}

/** An operation with new values, as a new attempt (OPERATION-4). Throws the Problems of `parseEdit`. */
export async function editOperation(
  { records, now }: EditPorts,
  operation: StoredOperation,
  attributes: OperationBody,
  by: string,
): Promise<StoredOperation> {
  const { targetId, values, isSame } = await parseEdit(records, operation, attributes);
  const isKept = targetId === operation.targetId && !isSame;
  return {
    ...operation,
    body: { ...operation.body, ...values },
    original: operation.original ?? operation.body,
    targetId,
    originalTargetId: operation.originalTargetId || (isKept ? '' : operation.targetId),
    editedBy: by,
    editedOn: new Date(now()).toISOString(),
    attempt: operation.attempt + 1,
    version: operation.version + 1,
  };
}

/**
 * What is to be saved: values, and for an operation on an address or contact perhaps another one. `isSame`: the customer
 * that a creation has found is the one that it makes. Throws Problem invalid-request, rule-broken.
 */
export async function parseEdit(
  records: RecordStore,
  operation: StoredOperation,
  attributes: OperationBody,
): Promise<{ targetId: string; values: OperationBody; isSame?: boolean }> {
  const name = targetNameOf(operation);
  const wanted = name && attributes[name];
  if (name === undefined || wanted === undefined) {
    const values = parseValues(operation, attributes);
    await checkNewName(records, operation, values);
    return { targetId: operation.targetId, values };
  }
  const { [name]: _wanted, ...others } = attributes;
  const targetId = await otherTarget(records, operation, wanted);
  const values = Object.keys(others).length === 0 ? {} : parseValues(operation, others);
  return { targetId, values, isSame: name === 'customerId' };
}

function parseValues(operation: StoredOperation, attributes: OperationBody): OperationBody {
  return parse(schemaOf(operation), attributes, 'body.attributes') as OperationBody;
}

function schemaOf({ operation }: StoredOperation): z.ZodType<unknown> {
  switch (operation) {
    case 'createCustomer':
    case 'editCustomer':
      return editCustomerSchema;
    case 'createAddress':
    case 'editAddress':
      return editAddressSchema;
    case 'setContact':
      return editContactSchema;
    case 'setAffiliation':
    case 'removeAffiliation':
      return editAffiliationSchema;
    case 'setAttribute':
      return editAttributeSchema;
    case 'removeAttribute':
      return editAttributeNameSchema;
    case 'deactivateAddress':
    case 'removeContact':
      throw new Problem(
        'invalid-request',
        `An operation ${operation} has no attributes that can be edited but ${targetNameOf({ operation })}.`,
      );
  }
}
