/** The records that an operation speaks of, as they are when it is to be applied. */
import type { StoredRecord } from '../../records/record.ts';
import { derivedId } from '../../records/record-ids.ts';
import type { RecordStore } from '../../records/record-store.ts';
import { namedIdFor } from '../channel/customer-identity.ts';
import { NAMING_COLUMN, operationId, type TargetTable, targetTableOf, UNDER_ACCOUNT } from '../customer-operation.ts';
import { allChildrenOf } from '../headquarters/customer-children.ts';
import { masterOf } from '../headquarters/merged-account.ts';
import type { StoredOperation } from '../headquarters/stored-operation.ts';

/** Records as read for one operation; account, master and target may be tombstones. */
export interface Seen {
  /** The customer's account. */
  readonly account: StoredRecord | undefined;
  /** The account that it was merged into, if it was: the operation is applied there. */
  readonly master?: StoredRecord | undefined;
  /** The record that the operation makes or changes; for customer operations the master, else the account. */
  readonly target: StoredRecord | undefined;
  /** The id of the record that the operation makes, where that isn't its target's. */
  readonly newId?: string;
  /** Records that give way to what the operation sets: other primary ones of its kind, others of the same name. */
  readonly siblings?: readonly StoredRecord[];
}

/** Reads what an operation speaks of. */
export async function readSeen(records: RecordStore, operation: StoredOperation): Promise<Seen> {
  const table = targetTableOf(operation.operation);
  const account = await records.find('account', operation.customerAsyncId);
  const master = account && (await masterOf(records, account));
  if (table === 'account') return { account, master, target: master ?? account };
  const accountId = (master ?? account)?.value.id ?? operation.customerAsyncId;
  const column = NAMING_COLUMN[table];
  if (column !== undefined) return { account, master, ...(await readNamed(records, operation, accountId, column)) };
  const target = await records.find(table, operation.targetId);
  const children =
    operation.body.isPrimary === true ? await allChildrenOf(records, table, UNDER_ACCOUNT[table], accountId) : [];
  const kind = operation.body.kind ?? target?.value.columns.kind;
  const siblings = children.filter(
    ({ value: { id, columns } }) => id !== operation.targetId && columns.isPrimary === true && columns.kind === kind,
  );
  return { account, master, target, siblings };
}

/** A customer's affiliation or attribute is found by its name, whatever its id: channels and people may both have made one. */
async function readNamed(
  records: RecordStore,
  operation: StoredOperation,
  accountId: string,
  column: string,
): Promise<Pick<Seen, 'target' | 'newId' | 'siblings'>> {
  const table = targetTableOf(operation.operation) as Exclude<TargetTable, 'account'>;
  const name = String(operation.body[column]);
  const all = await allChildrenOf(records, table, UNDER_ACCOUNT[table], accountId);
  const named = all.filter(({ value }) => value.columns[column] === name);
  const active = named.filter(({ value }) => value.state === 'Active');
  const target = active[0] ?? named[0];
  if (target) return { target, siblings: active.filter((each) => each !== target) };
  const newId = namedIdFor(accountId, table, name);
  const isTaken = (await records.find(table, newId)) !== undefined;
  // What had the id was deleted, or lies under another account by now.
  return {
    target: undefined,
    newId: isTaken ? derivedId(accountId, `${table}|${name}|${operationId(operation)}`) : newId,
  };
}
