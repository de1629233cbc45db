import type { ColumnValue } from '../../catalogue/columns.ts';
import type { RecordStore } from '../../records/record-store.ts';
import { childrenOf } from '../headquarters/customer-children.ts';
import type { CustomerHeads } from '../headquarters/customer-head.ts';
import type { CustomerSnapshot } from '../ports.ts';

/** Columns of the account that aren't the customer's data. */
const APART = new Set(['accountNumber', 'masterId']);

/**
 * A customer as headquarters has it now; undefined when there is no account. The head is read before the records, so
 * that these hold at least what `appliedThrough` says; `takenOn` is the time before all reading.
 */
export async function takeSnapshot(
  { records, heads, now }: { records: RecordStore; heads: CustomerHeads; now: () => number },
  customerAsyncId: string,
): Promise<CustomerSnapshot | undefined> {
  const takenOn = new Date(now()).toISOString();
  const head = await heads.find(customerAsyncId);
  const account = await records.find('account', customerAsyncId);
  if (!account) return undefined;
  const { columns, createdOn } = account.value;
  const { accountNumber } = columns;
  const common = {
    customerAsyncId,
    accountNumber: typeof accountNumber === 'string' && accountNumber !== '' ? accountNumber : null,
    createdOn,
    columns: withoutApart(columns),
    appliedThrough: head?.appliedThrough ?? '',
    takenOn,
  };
  if (account.tombstone) return { ...common, exists: false, addresses: [], affiliations: [] };
  const [addresses, affiliations] = await Promise.all([
    childrenOf(records, 'address', 'account_addresses', customerAsyncId),
    childrenOf(records, 'affiliation', 'account_affiliations', customerAsyncId),
  ]);
  return {
    ...common,
    exists: true,
    addresses: addresses.map(({ value }) => ({ id: value.id, columns: value.columns })),
    affiliations: affiliations.map(({ value }) => String(value.columns.affiliationId)),
  };
}

function withoutApart(columns: Readonly<Record<string, ColumnValue>>): Readonly<Record<string, ColumnValue>> {
  return Object.fromEntries(Object.entries(columns).filter(([name]) => !APART.has(name)));
}
