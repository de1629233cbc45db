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
import { operationId, type StagedOperation } from '../customer-operation.ts';
import type { Channel } from '../ports.ts';
import type { Staging } from '../staging/staging.ts';
import { type CustomerChange, operationsOf } from './change.ts';
import type { CustomerView } from './channel-view.ts';
import type { Reservation } from './customer-identity.ts';
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

const noteSchema = z.object({ segment: z.number(), customerId: z.string() });

export function createChannelChanges(ports: {
  readonly staging: Staging;
  readonly customers: ChannelCustomers;
  readonly views: CustomerViews;
}): ChannelChanges {
  const { staging, customers, views } = ports;

  /** The customer that the change is for, provided that the channel knows what it speaks of. */
  async function accept({ channel, change, reservation, ifMatch }: ChangeRequest): Promise<string> {
    if (change.operation === 'createCustomer') {
      const { customerAsyncId } = change;
      if (ifMatch !== undefined) {
        checkIfMatch({ ifMatch, version: undefined, required: false, what: 'a customer that is to be made' });
      }
      await checkBrought(channel, change, customerAsyncId ?? reservation.customerId);
      if (customerAsyncId === undefined) return reservation.customerId;
      if (!(await customers.find(channel.id, customerAsyncId))) return customerAsyncId;
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
    checkAddress(change, view);
    await checkBrought(channel, change, id);
    return id;
  }

  /** Refuses address ids that clients brought and that can't be this customer's. */
  async function checkBrought(channel: Channel, change: CustomerChange, customerId: string): Promise<void> {
    const ids = broughtAddressIds(change);
    if (ids.includes(customerId)) {
      throw new Problem('rule-broken', `The address id ${customerId} is the customer's own. Bring another, or none.`);
    }
    const taken = await customers.addressIds.takenFrom(channel.id, ids, customerId);
    if (taken === undefined) return;
    throw new Problem(
      'conflict',
      `The address id ${taken} is that of another customer's address. Bring another, or none.`,
    );
  }

  return {
    async submit(request) {
      const { channel, change, by, reservation, claim } = request;
      const note = claim?.note === undefined ? undefined : noteSchema.parse(JSON.parse(claim.note));
      const customerId = note?.customerId ?? (await accept(request));
      const staged = await staging.stage({
        channel: channel.id,
        requestId: reservation.requestId,
        notedSegment: note?.segment,
        noteSegment: async (segment) => claim?.writeNote(JSON.stringify({ segment, customerId })),
        operations: operationsOf(change, { customerId, reservation, by }),
      });
      await customers.addOperations(channel.id, staged);
      await customers.addressIds.note(channel.id, broughtAddressIds(change), customerId);
      return accepted(channel, customerId, staged);
    },
  };
}

function broughtAddressIds(change: CustomerChange): string[] {
  if (change.operation === 'createCustomer') return change.addresses.flatMap(({ id }) => id ?? []);
  return change.operation === 'createAddress' ? [change.address.id ?? []].flat() : [];
}

function checkAddress(change: CustomerChange, { customerId, addresses }: CustomerView): void {
  const has = (addressId: string | undefined) => addresses.some(({ id }) => id === addressId);
  if (change.operation === 'createAddress' && has(change.address.id)) {
    throw new Problem(
      'conflict',
      `Customer ${customerId} has an address ${change.address.id} already. Edit it instead.`,
    );
  }
  if ((change.operation === 'editAddress' || change.operation === 'deactivateAddress') && !has(change.addressId)) {
    throw new Problem('not-found', `Customer ${customerId} has no active address ${change.addressId} in this channel.`);
  }
}

function accepted(channel: Channel, customerId: string, staged: readonly StagedOperation[]): Answer {
  const ids = staged.map(operationId);
  const addressIds = staged.flatMap(({ targetId }) => (targetId === customerId ? [] : [targetId]));
  const [operation = ''] = ids;
  const body = {
    operationId: operation,
    customerId,
    mode: 'Async',
    configurationVersion: channel.version,
    ...(staged.length === 1 && addressIds.length === 1 && { addressId: addressIds[0] }),
    ...(staged.length > 1 && { operationIds: ids, addressIds }),
  };
  return { status: 202, body, headers: { Location: `/api/channels/${channel.id}/operations/${operation}` } };
}
