/**
 * The row of an operation in one of the five staging tables of headquarters. This is a storage format (docs/adr/0002).
 *
 * PartitionKey = the customer's GUID for life; RowKey = upload sequence (15 digits) | channel | replication counter
 * (12 digits): a customer's operations, whatever their table, in the order in which they are to be applied. Columns in
 * capitals are named as in the originals. `body`, `original`, `old` and `filled` are JSON in as many properties as needed.
 *
 *  OPERATION-1  A row is inserted by the upload alone, and always with the same key: whoever uploads an operation again
 *      finds it.
 *  OPERATION-2  A row is changed only If-Match the ETag that was read.
 *  OPERATION-7  A row is Discarded exactly while it says by whom, when and why.
 *  OPERATION-3  Completed is final: OnlineOperationCompleted = 1 exactly then, and nothing but a purge touches the row
 *      after.
 */
import { z } from 'zod';
import { jsonColumn, unchecked } from '../../storage/json-column.ts';
import type { Row, StoredRow } from '../../storage/table.ts';
import {
  BODY,
  codeOf,
  counterKey,
  OPERATIONS,
  type OperationBody,
  type OperationCode,
  type OperationKey,
  type OperationName,
} from '../customer-operation.ts';
import type { Discard, OperationPlan, StoredOperation } from './stored-operation.ts';

const MAX_ERROR_LENGTH = 2_000;
const ORIGINAL = jsonColumn('original', unchecked<OperationBody>());
const OLD = jsonColumn('old', unchecked<OperationBody>());
const FILLED = jsonColumn('filled', unchecked<OperationBody>());
const AFFILIATIONS = jsonColumn('affiliations', z.array(z.string()).readonly());

/** One of the five tables' rows; long texts are in properties beside these. */
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
  apart?: boolean;
  discardedBy?: string;
  discardedOn?: string;
  discardReason?: string;
  discardedThrough?: string;
  discardedWith?: string;
}

/** The RowKey of an operation. */
export function stagingRowKey({
  sequence,
  channel,
  replicationCounter,
}: Omit<OperationKey, 'customerAsyncId'> & { readonly sequence: string }): string {
  return `${sequence}|${channel}|${counterKey(replicationCounter)}`;
}

/** The row of an operation. */
export function toStagingRow(operation: StoredOperation): StagingRow {
  const { original, plan, discard } = operation;
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
    ...BODY.write(operation.body),
    ...(original && ORIGINAL.write(original)),
    ...(operation.originalTargetId && { originalTargetId: operation.originalTargetId }),
    ...(operation.decidedIn && { settledIn: operation.decidedIn }),
    ...(operation.bulkId && { bulkId: operation.bulkId }),
    ...(operation.apart && { apart: true }),
    ...(discard && {
      ...{ discardedBy: discard.by, discardedOn: discard.on, discardReason: discard.reason },
      ...{ discardedThrough: discard.through, discardedWith: discard.with },
    }),
    ...(plan && { planAttempt: plan.attempt, planRecordVersion: plan.recordVersion }),
    ...(plan?.existed && { planExisted: true }),
    ...(plan && { ...OLD.write(plan.old), ...FILLED.write(plan.filled), ...AFFILIATIONS.write(plan.affiliations) }),
  };
}

/** The operation that a row holds. */
export function fromStagingRow(row: StoredRow<StagingRow>): StoredOperation {
  const operation = row.operation as OperationName;
  return {
    channel: row.ORIGINATINGCHANNEL,
    replicationCounter: row.REPLICATIONCOUNTERFROMORIGIN,
    operation,
    ...(row.OPERATION !== OPERATIONS[operation].code && { code: row.OPERATION as OperationCode }),
    customerAsyncId: row.partitionKey,
    targetId: row.targetId,
    body: BODY.read(row) ?? {},
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
    original: ORIGINAL.read(row),
    originalTargetId: row.originalTargetId ?? '',
    decidedIn: row.settledIn ?? '',
    bulkId: row.bulkId ?? '',
    plan: planOf(row),
    apart: row.apart ?? false,
    discard: discardOf(row),
    etag: row.etag,
  };
}

function discardOf(row: StoredRow<StagingRow>): Discard | undefined {
  const { discardedBy: by, discardedOn: on, discardReason: reason } = row;
  if (by === undefined || on === undefined || reason === undefined) return undefined;
  return { by, on, reason, through: row.discardedThrough ?? '', with: row.discardedWith ?? '' };
}

function planOf(row: StoredRow<StagingRow>): OperationPlan | undefined {
  if (row.planAttempt === undefined) return undefined;
  return {
    attempt: row.planAttempt,
    recordVersion: row.planRecordVersion ?? 0,
    old: OLD.read(row) ?? {},
    filled: FILLED.read(row) ?? {},
    affiliations: AFFILIATIONS.read(row) ?? [],
    ...(row.planExisted && { existed: true }),
  };
}
