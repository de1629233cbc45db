/**
 * A channel's change to a customer, from the channel's store to headquarters. Ids, names and keys here are a storage
 * format (docs/adr/0002).
 */
import { isGuid } from '../records/record-ids.ts';
import { numberKey } from '../storage/keys.ts';

/** The five staging tables of headquarters; a channel's store names them too. */
export const STAGING_TABLES = [
  'RETAILASYNCCUSTOMERV2',
  'RETAILASYNCADDRESSV2',
  'RETAILASYNCCUSTOMERCONTACT',
  'RETAILASYNCCUSTOMERAFFILIATION',
  'RETAILASYNCCUSTOMERATTRIBUTEV2',
] as const;
export type StagingTable = (typeof STAGING_TABLES)[number];

/** 1 makes, 2 edits, 3 deactivates or removes. */
export type OperationCode = 1 | 2 | 3;

/** What a channel can do, with the staging table that carries it. */
export const OPERATIONS = {
  createCustomer: { stagingTable: 'RETAILASYNCCUSTOMERV2', code: 1 },
  editCustomer: { stagingTable: 'RETAILASYNCCUSTOMERV2', code: 2 },
  createAddress: { stagingTable: 'RETAILASYNCADDRESSV2', code: 1 },
  editAddress: { stagingTable: 'RETAILASYNCADDRESSV2', code: 2 },
  deactivateAddress: { stagingTable: 'RETAILASYNCADDRESSV2', code: 3 },
} as const satisfies Record<string, { stagingTable: StagingTable; code: OperationCode }>;

export type OperationName = keyof typeof OPERATIONS;
export const OPERATION_NAMES = Object.keys(OPERATIONS) as OperationName[];

/** Values that an operation sets: null clears. Nested lists (a new customer's addresses) are operations of their own. */
export type OperationBody = Readonly<Record<string, string | number | boolean | null>>;

/** An operation as a channel staged it. It never changes in the channel's store. */
export interface StagedOperation {
  readonly channel: string;
  /** From 1 on, without gaps, per channel. */
  readonly replicationCounter: number;
  readonly operation: OperationName;
  /** The customer's GUID for life, also the id of its account. */
  readonly customerAsyncId: string;
  /** Id of the record that the operation makes or changes: the customer's own for customer operations, an address's … */
  readonly targetId: string;
  readonly body: OperationBody;
  /** ISO 8601 UTC. */
  readonly createdOn: string;
  /** The caller that sent it. */
  readonly createdBy: string;
}

/** Where an operation is on its way. Held: an earlier one of the same customer has failed. */
export type OperationStatus = 'Pending' | 'Uploaded' | 'Completed' | 'Failed' | 'Held';

/** An operation's id tells where to find it: customer, channel and replication counter. */
export interface OperationKey {
  readonly customerAsyncId: string;
  readonly channel: string;
  readonly replicationCounter: number;
}

const COUNTER_DIGITS = 12;

/** `<customer>.<channel>.<counter>` */
export function operationId({ customerAsyncId, channel, replicationCounter }: OperationKey): string {
  return `${customerAsyncId}.${channel}.${replicationCounter}`;
}

/** The key that an id stands for; undefined when the text is no operation's id. The GUID may be in capitals. */
export function parseOperationId(id: string): OperationKey | undefined {
  const match = /^(.{36})\.([A-Za-z0-9._-]{1,64})\.([1-9]\d{0,11})$/.exec(id);
  if (!match) return undefined;
  const [, customer = '', channel = '', counter] = match;
  const customerAsyncId = customer.toLowerCase();
  return isGuid(customerAsyncId) ? { customerAsyncId, channel, replicationCounter: Number(counter) } : undefined;
}

/** A replication counter as a part of a key. */
export function counterKey(replicationCounter: number): string {
  return numberKey(replicationCounter, COUNTER_DIGITS);
}
