/**
 * Keys and rows of staged operations (the format that staging.ts describes), and the arithmetic of segments. Pure.
 */
import { afterPrefix, numberKey } from '../../storage/keys.ts';
import type { Row, StoredRow } from '../../storage/table.ts';
import {
  BODY,
  counterKey,
  type OperationCode,
  type OperationName,
  type StagedOperation,
} from '../customer-operation.ts';

/** Replication counters that begin a transaction in one segment. */
export const SEGMENT_SIZE = 500;
/** Rows of a transaction beside its head, operations and markers alike. */
export const MAX_ROWS_PER_TRANSACTION = 99;
/** Operations of one request: with its marker they fill a transaction. */
export const MAX_OPERATIONS_PER_REQUEST = MAX_ROWS_PER_TRANSACTION - 1;
/** How far a segment's last transaction can reach into the counters of the next. */
const MAX_OVERHANG = MAX_OPERATIONS_PER_REQUEST - 1;

/** Table of the staged operations. */
export const STAGED_TABLE = 'channelstaging';
const SEGMENT_DIGITS = 10;

/** The segment of transactions that begin with this counter. */
export function segmentOf(counter: number): number {
  return Math.floor((counter - 1) / SEGMENT_SIZE);
}

/** Whether a segment takes no more, given the counter that comes next. Once full, always full. */
export function isFull(segment: number, nextCounter: number): boolean {
  return segmentOf(nextCounter) > segment;
}

/** Where the row of a counter can be: in its own segment, or hanging over from the one before. */
export function segmentsToSearch(counter: number): number[] {
  const own = segmentOf(counter);
  const offset = counter - 1 - own * SEGMENT_SIZE;
  return own > 0 && offset < MAX_OVERHANG ? [own - 1, own] : [own];
}

/** A segment's head: where its counters go on. */
export interface HeadRow extends Row {
  nextCounter: number;
}

/** Says that a request is staged, and with which counters. */
export interface MarkerRow extends Row {
  firstCounter: number;
  rows: number;
}

/** A staged operation. */
export interface OperationRow extends Row {
  operation: string;
  customerAsyncId: string;
  targetId: string;
  createdOn: string;
  createdBy: string;
  code?: number;
}

/** Says in which segment to begin to look for the newest one. May lag. */
export interface NewestRow extends Row {
  segment: number;
}

/** RowKey of a segment's head. */
export const HEAD = 'head';
/** RowKey of the hint at the newest segment. */
export const NEWEST = 'newest';

/** PartitionKey of a segment. */
export function segmentPartition(channel: string, segment: number): string {
  return `${channel}|${numberKey(segment, SEGMENT_DIGITS)}`;
}

/** PartitionKey of the hint at the newest segment. */
export function newestPartition(channel: string): string {
  return `${channel}|${NEWEST}`;
}

/** RowKey of a staged operation. */
export function operationRowKey(counter: number): string {
  return `r|${counterKey(counter)}`;
}

/** The end (exclusive) of all operations of a segment. */
export const OPERATIONS_END = afterPrefix('r|');

/** RowKey of a request's marker. */
export function markerRowKey(requestId: string): string {
  return `m|${requestId}`;
}

/** The row of a staged operation. */
export function toOperationRow(segment: number, operation: StagedOperation): OperationRow {
  const { channel, replicationCounter, body, operation: name, customerAsyncId, targetId, ...rest } = operation;
  const { createdOn, createdBy, code } = rest;
  return {
    partitionKey: segmentPartition(channel, segment),
    rowKey: operationRowKey(replicationCounter),
    operation: name,
    customerAsyncId,
    targetId,
    createdOn,
    createdBy,
    ...(code && { code }),
    ...BODY.write(body),
  };
}

/** The staged operation that a row holds. */
export function fromOperationRow(channel: string, row: StoredRow<OperationRow>): StagedOperation {
  const { rowKey, operation, customerAsyncId, targetId, createdOn, createdBy, code } = row;
  return {
    channel,
    replicationCounter: Number(rowKey.slice(2)),
    operation: operation as OperationName,
    customerAsyncId,
    targetId,
    body: BODY.read(row) ?? {},
    createdOn,
    createdBy,
    ...(code !== undefined && { code: code as OperationCode }),
  };
}
