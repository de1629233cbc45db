import { Problem } from '../../problem.ts';
import type { NewRecord } from '../../records/create-records.ts';
import type { StoredRecord } from '../../records/record.ts';
import { derivedId } from '../../records/record-ids.ts';
import type { RecordStore } from '../../records/record-store.ts';
import type { CustomerHeads, LeasedHead } from '../headquarters/customer-head.ts';
import type { StoredOperation } from '../headquarters/stored-operation.ts';
import type { AccountNumbers } from './account-numbers.ts';
import { newRecord, RECORD_OWNER } from './apply-new-record.ts';

/** What making a customer's account works with. */
export interface NewCustomerPorts {
  readonly records: RecordStore;
  readonly heads: CustomerHeads;
  readonly numbers: AccountNumbers;
}

/** Account numbers in a row that may belong to accounts made by hand. */
const MAX_TAKEN_NUMBERS = 1_000;

/** Makes the account of a new customer, or finds it made, under the number of its head, which is drawn if need be (WRITE-3). */
export async function createAccount(
  ports: NewCustomerPorts,
  leased: LeasedHead,
  operation: StoredOperation,
  columns: NewRecord['value']['columns'],
): Promise<{ account: StoredRecord; leased: LeasedHead }> {
  const { heads, numbers, records } = ports;
  let head = leased;
  if (head.accountNumber === '') head = await heads.putAccountNumber(head, await numbers.next());
  for (let taken = 0; taken < MAX_TAKEN_NUMBERS; taken++) {
    const { accountNumber } = head;
    const record = newRecord(operation, operation.customerAsyncId, RECORD_OWNER, { ...columns, accountNumber }, {});
    try {
      return { account: await records.create(record), leased: head };
    } catch (error) {
      if (!(error instanceof Problem) || error.extra.column !== 'accountNumber') throw error;
    }
    head = await heads.putAccountNumber(head, await numbers.next());
  }
  throw new Error(`${MAX_TAKEN_NUMBERS} account numbers in a row belong to accounts that were made by hand`);
}

/** Gives a new customer the affiliations that its plan names (WRITE-4). Throws the Problem that the records refuse one with. */
export async function createAffiliations(
  records: RecordStore,
  operation: StoredOperation,
  account: StoredRecord,
): Promise<void> {
  const { id, ownerId } = account.value;
  const made = (operation.plan?.affiliations ?? []).map((affiliationId) => {
    const lookups = { account_affiliations: id };
    const record = newRecord(
      operation,
      derivedId(id, `affiliation|${affiliationId}`),
      ownerId,
      { affiliationId },
      lookups,
    );
    return { ...record, value: { ...record.value, table: 'affiliation' as const } };
  });
  if (made.length === 0) return;
  for (const outcome of await records.createMany(made)) if (outcome instanceof Problem) throw outcome;
}
