import type { ColumnValue } from '../../catalogue/columns.ts';
import type { StoredRecord } from '../../records/record.ts';
import type { RecordStore } from '../../records/record-store.ts';
import { UNDER_ACCOUNT } from '../customer-operation.ts';
import { childrenOf } from '../headquarters/customer-children.ts';
import type { CustomerHeads } from '../headquarters/customer-head.ts';
import { masterOf } from '../headquarters/merged-account.ts';
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
  // A merged customer keeps its ids and its number; what it is now is what it was merged into.
  const master = await masterOf(records, account);
  const standing = master ?? account;
  const { accountNumber } = account.value.columns;
  const common = {
    customerAsyncId,
    accountNumber: typeof accountNumber === 'string' && accountNumber !== '' ? accountNumber : null,
    createdOn: account.value.createdOn,
    origin: account.origin,
    columns: withoutApart(standing.value.columns),
    ...(master && { masterId: master.value.id }),
    appliedThrough: head?.appliedThrough ?? '',
    takenOn,
  };
  if (standing.tombstone) return { ...common, exists: false, addresses: [], affiliations: [] };
  const under = async (table: keyof typeof UNDER_ACCOUNT) =>
    childrenOf(records, table, UNDER_ACCOUNT[table], standing.value.id);
  const [addresses, contacts, affiliations, attributes] = await Promise.all([
    under('address'),
    under('contactInfo'),
    under('affiliation'),
    under('attribute'),
  ]);
  const toPart = ({ value: { id, columns } }: StoredRecord) => ({ id, columns });
  return {
    ...common,
    exists: true,
    addresses: addresses.map(toPart),
    contacts: contacts.map(toPart),
    affiliations: [...new Set(affiliations.map(({ value }) => String(value.columns.affiliationId)))],
    attributes: oneOfEach(attributes.map(({ value }) => value.columns)),
  };
}

/** The attributes by name: of several with the same one, the first. */
function oneOfEach(attributes: readonly Readonly<Record<string, ColumnValue>>[]) {
  return attributes.filter(({ name }, at) => attributes.findIndex((other) => other.name === name) === at);
}

function withoutApart(columns: Readonly<Record<string, ColumnValue>>): Readonly<Record<string, ColumnValue>> {
  return Object.fromEntries(Object.entries(columns).filter(([name]) => !APART.has(name)));
}
