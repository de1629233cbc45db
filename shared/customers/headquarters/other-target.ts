/** Giving an operation another target record of its customer, so that one whose address or contact is another customer's can be mended. */
import { Problem } from '../../problem.ts';
import { stampFor } from '../../records/applied-stamps.ts';
import { guidSchema, isOwnId } from '../../records/record-ids.ts';
import type { RecordStore } from '../../records/record-store.ts';
import { nounOf, targetAttribute } from '../apply/apply-descriptions.ts';
import { readSeen, type Seen } from '../apply/apply-seen.ts';
import { NAMING_COLUMN, type OperationBody, targetTableOf, UNDER_ACCOUNT } from '../customer-operation.ts';
import { laneOf, type StoredOperation } from './stored-operation.ts';

/** The attribute that says which record an operation is about; undefined where that can't be said. */
export function targetNameOf({
  operation,
}: Pick<StoredOperation, 'operation'>): 'addressId' | 'contactId' | 'customerId' | undefined {
  const table = targetTableOf(operation);
  if (operation === 'createCustomer') return 'customerId';
  return table === 'address' || table === 'contactInfo'
    ? (targetAttribute(table) as 'addressId' | 'contactId')
    : undefined;
}

/**
 * The id of the address or contact that an operation is to be about from now on; a customer's creation keeps its own, which
 * says that it is for the customer who has it. Throws Problem invalid-request for what is no GUID, conflict when the
 * operation has been written already, rule-broken for what can't be this customer's.
 */
export async function otherTarget(
  records: RecordStore,
  operation: StoredOperation,
  wanted: OperationBody[string],
): Promise<string> {
  const { customerAsyncId, targetId } = operation;
  const table = targetTableOf(operation.operation) as 'address' | 'contactInfo';
  const name = targetNameOf(operation) ?? targetAttribute(table);
  const parsed = guidSchema.safeParse(wanted);
  if (!parsed.success) throw new Problem('invalid-request', `body.attributes.${name}: is not a GUID`);
  const id = parsed.data;
  if (id === targetId) return targetId;
  if (operation.operation === 'createCustomer') {
    const advice = `Give ${targetId} to say that it is for the customer who has this id.`;
    throw new Problem('rule-broken', `${name}: an operation stays with its customer. ${advice}`);
  }
  const [found, { account, master }] = await Promise.all([
    records.find(table, id),
    refuseWritten(records, operation, name),
  ]);
  if (id === customerAsyncId) {
    throw new Problem('rule-broken', `${name}: is the id of the customer. Give the ${nounOf(table)} one of its own.`);
  }
  const parent = found?.value.lookups[UNDER_ACCOUNT[table]];
  if (found && ![customerAsyncId, account?.value.id, master?.value.id].includes(parent)) {
    throw new Problem('rule-broken', `${name}: the ${nounOf(table)} ${id} belongs to another customer.`);
  }
  if (!found && isOwnId(id) && id !== operation.originalTargetId) {
    throw new Problem(
      'rule-broken',
      `${name}: GUIDs of version 8 are made here only. Give another version (4, say), or one that there is.`,
    );
  }
  return id;
}

/** Refuses another name for the affiliation or attribute of an operation that has been written under its present one. */
export async function checkNewName(records: RecordStore, operation: StoredOperation, values: OperationBody) {
  const name = NAMING_COLUMN[targetTableOf(operation.operation)];
  if (name === undefined || values[name] === undefined || values[name] === operation.body[name]) return;
  await refuseWritten(records, operation, name);
}

async function refuseWritten(records: RecordStore, operation: StoredOperation, attribute: string) {
  const seen = await readSeen(records, operation);
  if (seen.target && wasWritten(operation, seen)) {
    // The sync job died between the record and the operation; another record would get the values too.
    const what = `the ${nounOf(seen.target.value.table)} ${seen.target.value.id}`;
    throw new Problem(
      'conflict',
      `${attribute}: the operation has been written to ${what} already. Synchronize it as it is.`,
    );
  }
  return seen;
}

/** Whether the operation's record shows that it, or a later one of its customer, was written to it. Pure. */
export function wasWritten(operation: StoredOperation, { target }: Seen): boolean {
  return target !== undefined && stampFor(target.appliedSequence, laneOf(operation)) >= operation.sequence;
}
