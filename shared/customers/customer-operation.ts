/**
 * A channel's change to a customer, from the channel's store to headquarters. Ids, names and keys here are a storage
 * format (docs/adr/0002).
 */
import { createHash } from 'node:crypto';
import { isGuid } from '../records/record-ids.ts';
import { jsonColumn, unchecked } from '../storage/json-column.ts';
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

/** A table of headquarters whose records operations make and change. */
export type TargetTable = 'account' | 'address' | 'contactInfo' | 'affiliation' | 'attribute';

/**
 * What a channel can do: the staging table that carries it, the table that it changes, and how. A `set` makes what isn't
 * there (code 1) or replaces what is (code 2), as the channel saw it when it took the change.
 */
export const OPERATIONS = {
  createCustomer: { stagingTable: 'RETAILASYNCCUSTOMERV2', code: 1, table: 'account', does: 'create' },
  editCustomer: { stagingTable: 'RETAILASYNCCUSTOMERV2', code: 2, table: 'account', does: 'edit' },
  createAddress: { stagingTable: 'RETAILASYNCADDRESSV2', code: 1, table: 'address', does: 'create' },
  editAddress: { stagingTable: 'RETAILASYNCADDRESSV2', code: 2, table: 'address', does: 'edit' },
  deactivateAddress: { stagingTable: 'RETAILASYNCADDRESSV2', code: 3, table: 'address', does: 'remove' },
  setContact: { stagingTable: 'RETAILASYNCCUSTOMERCONTACT', code: 1, table: 'contactInfo', does: 'set' },
  removeContact: { stagingTable: 'RETAILASYNCCUSTOMERCONTACT', code: 3, table: 'contactInfo', does: 'remove' },
  setAffiliation: { stagingTable: 'RETAILASYNCCUSTOMERAFFILIATION', code: 1, table: 'affiliation', does: 'set' },
  removeAffiliation: { stagingTable: 'RETAILASYNCCUSTOMERAFFILIATION', code: 3, table: 'affiliation', does: 'remove' },
  setAttribute: { stagingTable: 'RETAILASYNCCUSTOMERATTRIBUTEV2', code: 1, table: 'attribute', does: 'set' },
  removeAttribute: { stagingTable: 'RETAILASYNCCUSTOMERATTRIBUTEV2', code: 3, table: 'attribute', does: 'remove' },
} as const satisfies Record<
  string,
  {
    stagingTable: StagingTable;
    code: OperationCode;
    table: TargetTable;
    does: 'create' | 'edit' | 'set' | 'remove';
  }
>;

/** The operations that channels can ask for. */
export type OperationName = keyof typeof OPERATIONS;
/** All operations. */
export const OPERATION_NAMES = Object.keys(OPERATIONS) as OperationName[];

/** Values that an operation sets: null clears. Nested lists (a new customer's addresses) are operations of their own. */
export type OperationBody = Readonly<Record<string, string | number | boolean | null>>;

/** How every row of an operation holds its body. */
export const BODY = jsonColumn('body', unchecked<OperationBody>());

/** An operation as a channel staged it. It never changes in the channel's store. */
export interface StagedOperation {
  readonly channel: string;
  /** From 1 on, without gaps, per channel. */
  readonly replicationCounter: number;
  readonly operation: OperationName;
  /** Given for what replaces something (2), where the operation's name alone would say that it makes it. */
  readonly code?: OperationCode;
  /** The customer's GUID for life, also the id of its account. */
  readonly customerAsyncId: string;
  /**
   * Id of the record that the operation makes or changes: the customer's own for customer operations, an address's, a
   * contact's. Affiliations and attributes are found by their name, and have this id only when the operation makes them.
   */
  readonly targetId: string;
  readonly body: OperationBody;
  /** ISO 8601 UTC. */
  readonly createdOn: string;
  /** The caller that sent it. */
  readonly createdBy: string;
}

/** What headquarters says of an operation. Held: an earlier one of the same customer has failed. Discarded: somebody decided that it is never applied. */
export const HQ_STATUSES = ['Uploaded', 'Completed', 'Failed', 'Held', 'Discarded'] as const;

/** Where an operation is on its way; Pending: headquarters doesn't have it yet. */
export type OperationStatus = 'Pending' | (typeof HQ_STATUSES)[number];

/** An operation's id tells where to find it: customer, channel and replication counter. */
export interface OperationKey {
  readonly customerAsyncId: string;
  readonly channel: string;
  readonly replicationCounter: number;
}

/** The operation's code. */
export function codeOf({ operation, code }: Pick<StagedOperation, 'operation' | 'code'>): OperationCode {
  return code ?? OPERATIONS[operation].code;
}

/** The table that an operation changes. */
export function targetTableOf(operation: OperationName): TargetTable {
  return OPERATIONS[operation].table;
}

/** The column that names a customer's affiliation or attribute, in whichever record it is; a customer has each but once. */
export const NAMING_COLUMN: Partial<Record<TargetTable, string>> = { affiliation: 'affiliationId', attribute: 'name' };

/** The relationship by which a target lies under its customer's account. */
export const UNDER_ACCOUNT = {
  address: 'account_addresses',
  contactInfo: 'account_contactInfos',
  affiliation: 'account_affiliations',
  attribute: 'account_attributes',
} as const satisfies Record<Exclude<TargetTable, 'account'>, string>;

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

/** Real-time operations have counters from here on, which follow from the request; staged ones never get so far. */
const FIRST_REAL_TIME_COUNTER = 100_000_000_000;
const REAL_TIME_COUNTERS = 899_999_999_000;

/** Whether an operation went to headquarters at once, instead of being staged and uploaded. */
export function isRealTime({ replicationCounter }: Pick<OperationKey, 'replicationCounter'>): boolean {
  return replicationCounter >= FIRST_REAL_TIME_COUNTER;
}

/** The counter of a request's real-time operation; `index` is its place in the request. The same in every attempt. */
export function realTimeCounter(requestId: string, index: number): number {
  const hash = createHash('sha256').update(requestId).digest('hex').slice(0, 12);
  return FIRST_REAL_TIME_COUNTER + (Number.parseInt(hash, 16) % REAL_TIME_COUNTERS) + index;
}
