/**
 * Who is who: a customer's id for life is the GUID that its creation was given (customerId = customerAsyncId = the id of
 * its account). Ids that a request needs are drawn once and come back in each of its retries.
 */
import { randomUUID } from 'node:crypto';
import { Problem } from '../../problem.ts';
import { derivedId, isGuid, isOwnId } from '../../records/record-ids.ts';
import type { TargetTable } from '../customer-operation.ts';

/** What is drawn for a changing request before it does anything; kept in its claim. */
export interface Reservation {
  /** Names the request wherever it leaves traces; never used for another one, unlike an Idempotency-Key after years. */
  readonly requestId: string;
  /** Id of the customer that the request makes, unless the client supplies one. */
  readonly customerId: string;
  /** When the request was accepted, ISO 8601 UTC. */
  readonly createdOn: string;
}

/** Draws reservations. `now` in ms since 1970. */
export function createReservations(newId: () => string, now: () => number): () => Reservation {
  return () => ({ requestId: randomUUID(), customerId: newId(), createdOn: new Date(now()).toISOString() });
}

/** A reference to a customer in its one form: GUIDs in lower case, account numbers as they are. */
export function normalizeReference(reference: string): string {
  const lower = reference.toLowerCase();
  return isGuid(lower) ? lower : reference;
}

/** Refuses a GUID that a client can't have drawn. Throws Problem rule-broken. */
export function checkClientId(name: string, id: string | undefined): void {
  if (id === undefined || !isOwnId(id)) return;
  throw new Problem(
    'rule-broken',
    `${name}: GUIDs of version 8 are made here only. Send another version (4, say), or leave it out.`,
  );
}

/** The id of an address or contact that a request makes, unless the client supplies one; `index` is its place in the request. */
export function partIdFor(customerId: string, requestId: string, index: number): string {
  return derivedId(customerId, `${requestId}|${index}`);
}

/** The id of a customer's affiliation or attribute where an operation makes it: the same for the same name. */
export function namedIdFor(customerId: string, table: TargetTable, name: string): string {
  return derivedId(customerId, `${table}|${name}`);
}
