/**
 * The way of a channel's change: accepted by what the channel itself knows → staged → put beside the channel's copy of the
 * customer → answered. Invariants:
 *
 *  B1  Nothing is noted or staged before the change was accepted; from the note on no attempt refuses it any more, as an
 *      earlier one may have staged it. The note keeps which customer it was accepted for.
 *  B2  The answer comes last, so what was answered is staged and shows in the channel's view.
 */
import { z } from 'zod';
import type { Answer, ClaimHandle } from '../../http/endpoint.ts';
import { checkIfMatch } from '../../http/preconditions.ts';
import { Problem } from '../../problem.ts';
import { isOwnId } from '../../records/record-ids.ts';
import { operationId, type StagedOperation, type TargetTable, targetTableOf } from '../customer-operation.ts';
import type { Channel } from '../ports.ts';
import type { Staging } from '../staging/staging.ts';
import { type CustomerChange, operationsOf } from './change.ts';
import type { CustomerView } from './channel-view.ts';
import { checkBroughtId, type Reservation } from './customer-identity.ts';
import { type CustomerViews, revisionOf } from './customer-views.ts';
import type { ChannelCustomers } from './customers.ts';

/** One attempt of a request. */
export interface ChangeRequest {
  readonly channel: Channel;
  readonly change: CustomerChange;
  /** The caller, for the record. */
  readonly by: string;
  readonly reservation: Reservation;
  /** Absent when the request has no Idempotency-Key: then each attempt is a request of its own. */
  readonly claim: ClaimHandle | undefined;
  /** Version of the customer's view that the caller has seen. */
  readonly ifMatch?: number | undefined;
}

export interface ChannelChanges {
  /** Throws Problem not-found, conflict, stale-version, too-large; request-in-flight, storage-unavailable. */
  submit(request: ChangeRequest): Promise<Answer>;
}

/** What a change was accepted as. */
interface Accepted {
  readonly customerId: string;
  /** The channel had what is set. */
  readonly replaces: boolean;
}

const noteSchema = z.object({ segment: z.number(), customerId: z.string(), replaces: z.boolean().default(false) });

export function createChannelChanges(ports: {
  readonly staging: Staging;
  readonly customers: ChannelCustomers;
  readonly views: CustomerViews;
}): ChannelChanges {
  const { staging, customers, views } = ports;

  /** What the change is for, provided that the channel knows what it speaks of. */
  async function accept({ channel, change, reservation, ifMatch }: ChangeRequest): Promise<Accepted> {
    if (change.operation === 'createCustomer') {
      const { customerAsyncId } = change;
      if (ifMatch !== undefined) {
        checkIfMatch({ ifMatch, version: undefined, required: false, what: 'a customer that is to be made' });
      }
      await checkBrought(channel, change, customerAsyncId ?? reservation.customerId);
      const customerId = customerAsyncId ?? reservation.customerId;
      if (customerAsyncId === undefined || !(await customers.find(channel.id, customerAsyncId))) {
        return { customerId, replaces: false };
      }
      throw new Problem(
        'conflict',
        `Channel ${channel.id} has a customer ${customerAsyncId} already. Edit it instead.`,
      );
    }
    const id = await customers.resolve(channel.id, change.customer);
    const view = id === undefined ? undefined : await views.find(channel, id);
    if (id === undefined || !view) {
      throw new Problem(
        'not-found',
        `Channel ${channel.id} knows no customer ${change.customer}. One made elsewhere comes with job 1010.`,
      );
    }
    checkIfMatch({ ifMatch, version: revisionOf(view), required: false, what: `customer ${id}` });
    const replaces = checkParts(change, view);
    await checkBrought(channel, change, id);
    return { customerId: id, replaces };
  }

  /** Refuses ids of addresses and contacts that clients brought and that can't be this customer's. */
  async function checkBrought(channel: Channel, change: CustomerChange, customerId: string): Promise<void> {
    const ids = broughtIds(change);
    if (ids.includes(customerId)) {
      throw new Problem('rule-broken', `The id ${customerId} is the customer's own. Bring another, or none.`);
    }
    const taken = await customers.addressIds.takenFrom(channel.id, ids, customerId);
    if (taken === undefined) return;
    throw new Problem(
      'conflict',
      `The id ${taken} is that of another customer's address or contact. Bring another, or none.`,
    );
  }

  return {
    async submit(request) {
      const { channel, change, by, reservation, claim } = request;
      const note = claim?.note === undefined ? undefined : noteSchema.parse(JSON.parse(claim.note));
      const { customerId, replaces } = note ?? (await accept(request));
      const staged = await staging.stage({
        channel: channel.id,
        requestId: reservation.requestId,
        notedSegment: note?.segment,
        noteSegment: async (segment) => claim?.writeNote(JSON.stringify({ segment, customerId, replaces })),
        operations: operationsOf(change, { customerId, reservation, by, replaces }),
      });
      await customers.addOperations(channel.id, staged);
      await customers.addressIds.note(channel.id, broughtIds(change), customerId);
      return accepted(channel, customerId, staged);
    },
  };
}

function broughtIds(change: CustomerChange): string[] {
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
      if (!replaces) checkBroughtId('contactId', change.contactId);
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

function accepted(channel: Channel, customerId: string, staged: readonly StagedOperation[]): Answer {
  const ids = staged.map(operationId);
  const targets = (table: TargetTable) =>
    staged.filter(({ operation }) => targetTableOf(operation) === table).map(({ targetId }) => targetId);
  const addressIds = targets('address');
  const contactIds = targets('contactInfo');
  const [operation = ''] = ids;
  const body = {
    operationId: operation,
    customerId,
    mode: 'Async',
    configurationVersion: channel.version,
    ...(staged.length === 1 && addressIds.length === 1 && { addressId: addressIds[0] }),
    ...(staged.length === 1 && contactIds.length === 1 && { contactId: contactIds[0] }),
    ...(staged.length > 1 && { operationIds: ids, addressIds, contactIds }),
  };
  return { status: 202, body, headers: { Location: `/api/channels/${channel.id}/operations/${operation}` } };
}
