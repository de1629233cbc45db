/**
 * What the channel side and the headquarters side of customer operations need of each other. They share no tables: a
 * channel's store is read by the upload job alone and written by the download job alone, from headquarters' side.
 */
import type { ColumnValue } from '../catalogue/columns.ts';
import type {
  OperationKey,
  OperationName,
  OperationStatus,
  StagedOperation,
  StagingTable,
} from './customer-operation.ts';

/** The channel's staged operations, in the order of their replication counters. */
export interface StagedOperations {
  /** At most `limit` operations with a counter above `afterCounter`, without gaps; empty when there are none. */
  readAfter(channel: string, afterCounter: number, limit: number): Promise<StagedOperation[]>;
  find(channel: string, replicationCounter: number): Promise<StagedOperation | undefined>;
}

/** An operation as headquarters has it, from its upload on. */
export interface HqOperation {
  readonly id: string;
  readonly key: OperationKey;
  /** HQ's upload sequence over all channels and tables, as a key: greater means uploaded later. */
  readonly sequence: string;
  readonly stagingTable: StagingTable;
  readonly operation: OperationName;
  readonly operationCode: 1 | 2 | 3;
  readonly accountNumber: string | null;
  readonly status: Exclude<OperationStatus, 'Pending'>;
  /** Who decided that it is never applied, when and why; null for one that isn't Discarded. */
  readonly discardedBy: string | null;
  readonly discardedOn: string | null;
  readonly discardReason: string | null;
  readonly onlineOperationCompleted: 0 | 1;
  /** Why it failed (headquarters/stored-operation.ts says who decides that). */
  readonly lastError: string | null;
  readonly description: string;
  readonly attributes: readonly { name: string; old: ColumnValue | null; new: ColumnValue | null }[];
  readonly createdOn: string;
  readonly appliedOn: string | null;
  readonly editedBy: string | null;
  readonly editedOn: string | null;
  /** The values as the channel sent them, once the operation was edited. */
  readonly original: readonly { name: string; value: ColumnValue | null }[] | null;
  /** Rises with each change; the ETag of the operation. */
  readonly version: number;
}

/** Headquarters' operations, for those who only look. */
export interface HqOperations {
  /** In the order asked; undefined for what isn't uploaded. */
  findMany(keys: readonly OperationKey[]): Promise<(HqOperation | undefined)[]>;
}

/** A customer as the download job (1010) gives it to a channel. */
export interface CustomerSnapshot {
  readonly customerAsyncId: string;
  /** Null when HQ has no number for it yet. */
  readonly accountNumber: string | null;
  readonly createdOn: string;
  /** The operation that made the account, if one did; absent in copies that were taken before it was told. */
  readonly origin?: string;
  /** False: the account was deleted. */
  readonly exists: boolean;
  /** The account's columns without accountNumber and masterId. */
  readonly columns: Readonly<Record<string, ColumnValue>>;
  /** Active addresses only. */
  readonly addresses: readonly { readonly id: string; readonly columns: Readonly<Record<string, ColumnValue>> }[];
  readonly affiliations: readonly string[];
  /** Active ones only; absent in copies that were taken before there were any. */
  readonly contacts?: readonly { readonly id: string; readonly columns: Readonly<Record<string, ColumnValue>> }[];
  readonly attributes?: readonly Readonly<Record<string, ColumnValue>>[];
  /** The account that this one was merged into; the copy's values are that account's. */
  readonly masterId?: string;
  /** The sequence up to which the customer's operations were applied when this was taken; empty for none. */
  readonly appliedThrough: string;
  /** ISO 8601 UTC. */
  readonly takenOn: string;
}

/** A channel's copy of the customers. */
export interface ChannelDatabase {
  /**
   * Stores what was downloaded; an older snapshot never replaces a newer one. `atOnce`: the channel serves it at once,
   * however old its cache is.
   */
  applyDownload(
    channel: string,
    snapshots: readonly CustomerSnapshot[],
    options?: { readonly atOnce?: boolean },
  ): Promise<void>;
  /** Whether the channel has a customer, be it one that waits there for its upload. */
  hasCustomer(channel: string, customerAsyncId: string): Promise<boolean>;
}

/** The channels there are, and what each is set to. */
export interface Channels {
  list(): Promise<Channel[]>;
  find(id: string): Promise<Channel | undefined>;
}

/** A channel as it is set up. */
export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly kind: 'POS' | 'ECommerce';
  readonly profile: { readonly createCustomerInAsyncMode: boolean };
  /** Id of the account that new customers take group, currency, language, receipt preference and affiliations from. */
  readonly defaultCustomer?: string | undefined;
  readonly version: number;
  /** The version in which the profile changed last. */
  readonly profileChangedIn: number;
}
