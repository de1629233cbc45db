import type { RecordStore } from '../../records/record-store.ts';
import { childrenOf } from '../headquarters/customer-children.ts';
import type { Channels } from '../ports.ts';
import type { Defaults } from './apply-decision.ts';

/** What a new customer takes from the channel's default customer, beside its affiliations. */
const DEFAULTED_COLUMNS = ['group', 'currency', 'language', 'receiptPreference'] as const;

/** Looks up what new customers of a channel take over; each channel once. For one activity, as it never looks again. */
export function createDefaults(
  records: RecordStore,
  channels: Pick<Channels, 'find'>,
): (channel: string) => Promise<Defaults> {
  const known = new Map<string, Promise<Defaults>>();
  return (channel) => {
    const asked = known.get(channel) ?? readDefaults(records, channels, channel);
    known.set(channel, asked);
    return asked;
  };
}

async function readDefaults(
  records: RecordStore,
  channels: Pick<Channels, 'find'>,
  channel: string,
): Promise<Defaults> {
  const accountId = (await channels.find(channel))?.defaultCustomer;
  if (accountId === undefined) return { values: {}, affiliations: [] };
  const account = await records.find('account', accountId);
  if (!account || account.tombstone) {
    return (
      `The default customer ${accountId} of channel ${channel} does not exist. ` +
      'Give the channel another one, then synchronize the operation again.'
    );
  }
  const { columns } = account.value;
  const affiliations = await childrenOf(records, 'affiliation', 'account_affiliations', accountId);
  const country = await countryOf(records, accountId);
  const ids = affiliations.map(({ value }) => String(value.columns.affiliationId));
  return {
    values: Object.fromEntries(
      DEFAULTED_COLUMNS.flatMap((name) => (columns[name] === undefined ? [] : [[name, columns[name]]])),
    ),
    affiliations: [...new Set(ids)].sort(),
    ...(country !== undefined && { country }),
  };
}

/** The country of an account's primary address; without a primary one, of its first that has any. */
async function countryOf(records: RecordStore, accountId: string): Promise<string | undefined> {
  const addresses = await childrenOf(records, 'address', 'account_addresses', accountId);
  const withCountry = addresses.map(({ value }) => value.columns).filter(({ country }) => Boolean(country));
  const found = withCountry.find(({ isPrimary }) => isPrimary === true) ?? withCountry[0];
  return found && String(found.country);
}
