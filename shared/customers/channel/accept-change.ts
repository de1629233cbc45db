/** Whether a channel's change can be taken, by what the channel itself knows; headquarters is not asked. */

import { Problem } from '../../problem.ts';
import { isOwnId } from '../../records/record-ids.ts';
import { checkIfMatch } from '../../storage/preconditions.ts';
import type { Channel } from '../ports.ts';
import type { CustomerChange } from './change.ts';
import type { CustomerView } from './channel-view.ts';
import { checkClientId } from './customer-identity.ts';
import { type CustomerViews, revisionOf } from './customer-views.ts';
import type { ChannelCustomers } from './customers.ts';

/** What the channel knows. */
export interface AcceptPorts {
  readonly customers: ChannelCustomers;
  readonly views: CustomerViews;
}

/** A change that wasn't accepted yet. */
export interface ChangeToAccept {
  readonly channel: Channel;
  readonly change: CustomerChange;
  /** The id that a new customer gets, unless the caller supplies one. */
  readonly customerId: string;
  /** Version of the customer's view that the caller has seen. */
  readonly ifMatch?: number | undefined;
}

/** What a change is for. */
export interface ChangeTarget {
  readonly customerId: string;
  /** The channel had what is set. */
  readonly replaces: boolean;
}

/**
 * What the change is for, provided that the channel knows what it speaks of. Throws Problem not-found, conflict,
 * stale-version, rule-broken.
 */
export async function acceptChange(
  { customers, views }: AcceptPorts,
  { channel, change, customerId: drawn, ifMatch }: ChangeToAccept,
): Promise<ChangeTarget> {
  if (change.operation === 'createCustomer') {
    const { customerAsyncId } = change;
    if (ifMatch !== undefined) {
      checkIfMatch({ ifMatch, version: undefined, required: false, what: 'a customer that is to be made' });
    }
    const customerId = customerAsyncId ?? drawn;
    await checkClientIds(customers, channel, change, customerId);
    if (customerAsyncId === undefined || !(await customers.find(channel.id, customerAsyncId))) {
      return { customerId, replaces: false };
    }
    throw new Problem('conflict', `Channel ${channel.id} has a customer ${customerAsyncId} already. Edit it instead.`);
  }
  const id = await customers.resolve(channel.id, change.customer);
  const view = id === undefined ? undefined : await views.find(channel, id, change.customer);
  if (id === undefined || !view) {
    throw new Problem(
      'not-found',
      `Channel ${channel.id} knows no customer ${change.customer}. One made elsewhere comes with job 1010.`,
    );
  }
  checkIfMatch({ ifMatch, version: revisionOf(view), required: false, what: `customer ${id}` });
  const replaces = checkParts(change, view);
  await checkClientIds(customers, channel, change, id);
  return { customerId: id, replaces };
}

/** Refuses ids of addresses and contacts that clients supplied and that can't be this customer's. */
async function checkClientIds(
  customers: ChannelCustomers,
  channel: Channel,
  change: CustomerChange,
  customerId: string,
): Promise<void> {
  const ids = clientIds(change);
  if (ids.includes(customerId)) {
    throw new Problem('rule-broken', `The id ${customerId} is the customer's own. Send another, or none.`);
  }
  const taken = await customers.addressIds.takenFrom(channel.id, ids, customerId);
  if (taken === undefined) return;
  throw new Problem(
    'conflict',
    `The id ${taken} is that of another customer's address or contact. Send another, or none.`,
  );
}

/** Ids of addresses and contacts that the client supplies. */
export function clientIds(change: CustomerChange): string[] {
  switch (change.operation) {
    case 'createCustomer':
      return [...change.addresses, ...change.contacts].flatMap(({ id }) => id ?? []);
    case 'createAddress':
      return [change.address.id ?? []].flat();
    case 'setContact':
      return isOwnId(change.contactId) ? [] : [change.contactId];
    default:
      return [];
  }
}

/** Refuses changes of what the channel doesn't know; otherwise whether what a change sets is there already. */
function checkParts(change: CustomerChange, view: CustomerView): boolean {
  const { customerId, addresses, contacts, affiliations, attributes } = view;
  const known = (list: readonly Readonly<Record<string, unknown>>[], wanted: string | undefined, key = 'id') =>
    wanted !== undefined && list.some((each) => each[key] === wanted);
  const unknown = (what: string) => new Problem('not-found', `Customer ${customerId} has no ${what} in this channel.`);
  switch (change.operation) {
    case 'createAddress':
      if (!known(addresses, change.address.id)) return false;
      throw new Problem(
        'conflict',
        `Customer ${customerId} has an address ${change.address.id} already. Edit it instead.`,
      );
    case 'editAddress':
    case 'deactivateAddress':
      if (known(addresses, change.addressId)) return false;
      throw unknown(`active address ${change.addressId}`);
    case 'setContact': {
      const replaces = known(contacts, change.contactId);
      if (!replaces) checkClientId('contactId', change.contactId);
      return replaces;
    }
    case 'removeContact':
      if (known(contacts, change.contactId)) return false;
      throw unknown(`contact ${change.contactId}`);
    case 'setAffiliation':
      return affiliations.includes(change.name);
    case 'removeAffiliation':
      if (affiliations.includes(change.name)) return false;
      throw unknown(`affiliation ${change.name}`);
    case 'setAttribute':
      return known(attributes, change.name, 'name');
    case 'removeAttribute':
      if (known(attributes, change.name, 'name')) return false;
      throw unknown(`attribute ${change.name}`);
    default:
      return false;
  }
}
