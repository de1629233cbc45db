/**
 * An operation at headquarters and its row in one of the five staging tables. This is a storage format (docs/adr/0002).
 *
 * PartitionKey = the customer's GUID for life; RowKey = upload sequence (15 digits) | channel | replication counter
 * (12 digits): a customer's operations, whatever their table, in the order in which they are to be applied. Columns in
 * capitals are named as in the originals. `body`, `original`, `old` and `filled` are JSON in as many properties as needed.
 *
 *  H1  A row is inserted by the upload alone, and always with the same key: whoever uploads an operation again finds it.
 *  H2  A row is changed only If-Match the ETag that was read.
 *  H3  Completed is final: OnlineOperationCompleted = 1 exactly then, and nothing but a purge touches the row after.
 *  H4  `attempt` rises whenever somebody edits the operation or tries a failed one again. With the sequence it makes the
 *      stamp that a record carries once the operation was applied to it, so that a late write of an earlier attempt is
 *      skipped, and a later attempt's is not.
 *  H6  Sequences are digits, and for a real-time operation digits~number. `~` sorts behind `|` and `.`, so its row and its
 *      stamps come after those of what it hangs on.
 *  H5  `plan` is written before the record: old values and filled-in values as the attempt's write will find and make
 *      them, for one version of the record. Whoever finds the record written takes them from there.
 */
import { numberKey } from '../../storage/keys.ts';
import { joinLongText, splitLongText } from '../../storage/long-text.ts';
import type { Row, StoredRow } from '../../storage/table.ts';
import {
  codeOf,
  counterKey,
  OPERATIONS,
  type OperationBody,
  type OperationCode,
  type OperationKey,
  type OperationName,
  type StagedOperation,
} from '../customer-operation.ts';
import type { HqOperation } from '../ports.ts';

/** What the writing of an operation to its record found and fills in. */
export interface OperationPlan {
  readonly attempt: number;
  /** The record's version that the plan stands on; 0 for a record that is to be made. */
  readonly recordVersion: number;
  /** Values before, for those columns that had one. */
  readonly old: OperationBody;
  /** Values that the body leaves open and headquarters fills in. */
  readonly filled: OperationBody;
  /** Affiliations that a new customer takes over. */
  readonly affiliations: readonly string[];
  /** The record that was to be made was there already: the operation changes it. */
  readonly existed?: boolean;
}

/** An operation as headquarters stores it. */
export interface StoredOperation extends StagedOperation {
  readonly sequence: string;
  readonly status: HqOperation['status'];
  readonly accountNumber: string;
  readonly lastError: string;
  readonly description: string;
  readonly uploadedOn: string;
  readonly appliedOn: string;
  readonly editedBy: string;
  readonly editedOn: string;
  /** Rises with each change that callers can see. */
  readonly version: number;
  /** See H4; 0 at first. */
  readonly attempt: number;
  /** The body as the channel sent it, once it was edited. */
  readonly original: OperationBody | undefined;
  /**
   * The address or contact that the channel meant, once the operation was turned to another; else empty. That of a customer's
   * creation is its own id once somebody has said that the customer who is there already is the one it makes.
   */
  readonly originalTargetId: string;
  readonly plan: OperationPlan | undefined;
  /** The step of a run that made it Completed, Failed or Held: so that the step, when repeated, counts it again. */
  readonly settledIn: string;
  /** The bulk change that changed it last: so that its step, when repeated, finds what it has done. Empty for none. */
  readonly bulkId: string;
  /** Empty for one that isn't stored yet. */
  readonly etag: string;
}

const SEQUENCE_DIGITS = 15;
const MAX_ERROR_LENGTH = 2_000;

/** An upload sequence as a key: greater means uploaded later. */
export function sequenceKey(sequence: number): string {
  return numberKey(sequence, SEQUENCE_DIGITS);
}

/**
 * The sequence of a real-time operation, which was never uploaded: it hangs on the upload sequence up to which all its
 * customer's operations were there (empty: none yet), and sorts behind that and before the next one.
 */
export function realTimeSequence(uploadedThrough: string, number: number): string {
  return `${uploadedThrough || sequenceKey(0)}~${numberKey(number, 6)}`;
}

/** The number of a real-time sequence that hangs on this upload sequence; 0 for another. */
export function realTimeNumber(sequence: string, uploadedThrough: string): number {
  const [base, number = '0'] = sequence.split('~');
  return base === (uploadedThrough || sequenceKey(0)) ? Number(number) : 0;
}

/** Whether operations before this one may still be on their way, given the customer's mark (C1). */
export function isBeyond(sequence: string, uploadedThrough: string): boolean {
  return (sequence.split('~')[0] ?? '') > (uploadedThrough || sequenceKey(0));
}

/** What a record carries after this attempt at the operation (H4); sorts by sequence, then by attempt. */
export function stampOf({ sequence, attempt }: Pick<StoredOperation, 'sequence' | 'attempt'>): string {
  return attempt === 0 ? sequence : `${sequence}.${numberKey(attempt, 6)}`;
}

/** Whether somebody has said that a creation is that of the customer who has the id already. */
export function isSameCustomer({
  operation,
  targetId,
  originalTargetId,
}: Pick<StoredOperation, 'operation' | 'targetId' | 'originalTargetId'>): boolean {
  return operation === 'createCustomer' && originalTargetId === targetId;
}

/** A staged operation as it stands right after its upload. */
export function uploadedOperation(staged: StagedOperation, sequence: string, uploadedOn: string): StoredOperation {
  return {
    ...staged,
    sequence,
    status: 'Uploaded',
    accountNumber: '',
    lastError: '',
    description: 'Uploaded; waits to be synchronized.',
    uploadedOn,
    appliedOn: '',
    editedBy: '',
    editedOn: '',
    version: 1,
    attempt: 0,
    original: undefined,
    originalTargetId: '',
    settledIn: '',
    bulkId: '',
    plan: undefined,
    etag: '',
  };
}

export interface StagingRow extends Row {
  CUSTACCOUNTASYNC: string;
  CUSTACCOUNT: string;
  OPERATION: number;
  OnlineOperationCompleted: number;
  ORIGINATINGCHANNEL: string;
  REPLICATIONCOUNTERFROMORIGIN: number;
  operation: string;
  targetId: string;
  status: string;
  lastError: string;
  description: string;
  createdOn: string;
  createdBy: string;
  uploadedOn: string;
  appliedOn: string;
  editedBy: string;
  editedOn: string;
  version: number;
  attempt: number;
  planAttempt?: number;
  planRecordVersion?: number;
  planExisted?: boolean;
  originalTargetId?: string;
  settledIn?: string;
  bulkId?: string;
}

export function stagingRowKey({
  sequence,
  channel,
  replicationCounter,
}: Omit<OperationKey, 'customerAsyncId'> & { readonly sequence: string }): string {
  return `${sequence}|${channel}|${counterKey(replicationCounter)}`;
}

/** The row of an operation. */
export function toStagingRow(operation: StoredOperation): StagingRow {
  const { original, plan } = operation;
  return {
    partitionKey: operation.customerAsyncId,
    rowKey: stagingRowKey(operation),
    CUSTACCOUNTASYNC: operation.customerAsyncId,
    CUSTACCOUNT: operation.accountNumber,
    OPERATION: codeOf(operation),
    OnlineOperationCompleted: operation.status === 'Completed' ? 1 : 0,
    ORIGINATINGCHANNEL: operation.channel,
    REPLICATIONCOUNTERFROMORIGIN: operation.replicationCounter,
    operation: operation.operation,
    targetId: operation.targetId,
    status: operation.status,
    lastError: operation.lastError.slice(0, MAX_ERROR_LENGTH),
    description: operation.description,
    createdOn: operation.createdOn,
    createdBy: operation.createdBy,
    uploadedOn: operation.uploadedOn,
    appliedOn: operation.appliedOn,
    editedBy: operation.editedBy,
    editedOn: operation.editedOn,
    version: operation.version,
    attempt: operation.attempt,
    ...splitLongText('body', JSON.stringify(operation.body)),
    ...(original && splitLongText('original', JSON.stringify(original))),
    ...(operation.originalTargetId && { originalTargetId: operation.originalTargetId }),
    ...(operation.settledIn && { settledIn: operation.settledIn }),
    ...(operation.bulkId && { bulkId: operation.bulkId }),
    ...(plan && { planAttempt: plan.attempt, planRecordVersion: plan.recordVersion }),
    ...(plan?.existed && { planExisted: true }),
    ...(plan && splitLongText('old', JSON.stringify(plan.old))),
    ...(plan && splitLongText('filled', JSON.stringify(plan.filled))),
    ...(plan && splitLongText('affiliations', JSON.stringify(plan.affiliations))),
  };
}

/** The operation that a row holds. */
export function fromStagingRow(row: StoredRow<StagingRow>): StoredOperation {
  const original = joinLongText('original', row);
  const operation = row.operation as OperationName;
  return {
    channel: row.ORIGINATINGCHANNEL,
    replicationCounter: row.REPLICATIONCOUNTERFROMORIGIN,
    operation,
    ...(row.OPERATION !== OPERATIONS[operation].code && { code: row.OPERATION as OperationCode }),
    customerAsyncId: row.partitionKey,
    targetId: row.targetId,
    body: parsed(joinLongText('body', row)),
    createdOn: row.createdOn,
    createdBy: row.createdBy,
    sequence: row.rowKey.split('|')[0] ?? '',
    status: row.status as StoredOperation['status'],
    accountNumber: row.CUSTACCOUNT,
    lastError: row.lastError,
    description: row.description,
    uploadedOn: row.uploadedOn,
    appliedOn: row.appliedOn,
    editedBy: row.editedBy,
    editedOn: row.editedOn,
    version: row.version,
    attempt: row.attempt,
    original: original === undefined ? undefined : parsed(original),
    originalTargetId: row.originalTargetId ?? '',
    settledIn: row.settledIn ?? '',
    bulkId: row.bulkId ?? '',
    plan: planOf(row),
    etag: row.etag,
  };
}

function planOf(row: StoredRow<StagingRow>): OperationPlan | undefined {
  if (row.planAttempt === undefined) return undefined;
  return {
    attempt: row.planAttempt,
    recordVersion: row.planRecordVersion ?? 0,
    old: parsed(joinLongText('old', row)),
    filled: parsed(joinLongText('filled', row)),
    affiliations: JSON.parse(joinLongText('affiliations', row) ?? '[]') as string[],
    ...(row.planExisted && { existed: true }),
  };
}

function parsed(json: string | undefined): OperationBody {
  return JSON.parse(json ?? '{}') as OperationBody;
}
