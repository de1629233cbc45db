/** Turning an operation on an address to another address, so that one whose id is another customer's can be mended. */
import { Problem } from '../../problem.ts';
import { isOwnId } from '../../records/record-ids.ts';
import type { RecordStore } from '../../records/record-store.ts';
import { guidSchema } from '../channel/customer-identity.ts';
import type { OperationBody } from '../customer-operation.ts';
import type { StoredOperation } from './staging-row.ts';

/** The attribute that says which address an operation is about. */
export const ADDRESS_ID = 'addressId';

/**
 * The id of the address that an operation is to be about from now on. Throws Problem invalid-request for what is no GUID,
 * conflict when the operation has written its address already, rule-broken for an address that can't be this customer's.
 */
export async function otherAddress(
  records: Pick<RecordStore, 'find'>,
  operation: StoredOperation,
  wanted: OperationBody[string],
): Promise<string> {
  const { customerAsyncId, sequence, targetId } = operation;
  const parsed = guidSchema.safeParse(wanted);
  if (!parsed.success) throw new Problem('invalid-request', `body.attributes.${ADDRESS_ID}: is not a GUID`);
  const addressId = parsed.data;
  if (addressId === targetId) return targetId;
  const [address, before] = await Promise.all([records.find('address', addressId), records.find('address', targetId)]);
  if (before?.appliedSequence.startsWith(sequence)) {
    // The sync job died between the record and the operation; another address would get the values too.
    throw new Problem(
      'conflict',
      `${ADDRESS_ID}: the operation has been written to the address ${targetId} already. Synchronize it as it is.`,
    );
  }
  if (addressId === customerAsyncId) {
    throw new Problem('rule-broken', `${ADDRESS_ID}: is the id of the customer. Give the address one of its own.`);
  }
  if (address && address.value.lookups.account_addresses !== customerAsyncId) {
    throw new Problem('rule-broken', `${ADDRESS_ID}: the address ${addressId} belongs to another customer.`);
  }
  if (!address && isOwnId(addressId) && addressId !== operation.originalTargetId) {
    throw new Problem(
      'rule-broken',
      `${ADDRESS_ID}: GUIDs of version 8 are made here only. Give another version (4, say), or an address that there is.`,
    );
  }
  return addressId;
}
