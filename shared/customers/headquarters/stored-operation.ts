/**
 * An operation at headquarters, from its upload on: its place in the customer's order and the stamp that it leaves.
 *
 *  OPERATION-4  `attempt` rises whenever somebody edits the operation or tries a failed one again. With the sequence it
 *      makes the stamp that a record carries once the operation was applied to it, so that a late write of an earlier
 *      attempt is skipped, and a later attempt's is not.
 *  OPERATION-5  `plan` is written before the record: old values and filled-in values as the attempt's write will find and
 *      make them, for one version of the record. Whoever finds the record written takes them from there.
 *  OPERATION-6  Sequences are digits, and for a real-time operation digits~number. `~` sorts behind `|` and `.`, so its
 *      row and its stamps come after those of what it hangs on.
 *  OPERATION-8  What stands apart leaves stamps of an order of its own, its channel's: that of the customer says that all
 *      before was applied, and would take it for applied too.
 */
import { numberKey } from '../../storage/keys.ts';
import type { OperationBody, StagedOperation } from '../customer-operation.ts';
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

/** Who decided that an operation is never applied, and why (discard-operation.ts). */
export interface Discard {
  readonly by: string;
  /** ISO 8601 UTC. */
  readonly on: string;
  readonly reason: string;
  /** Of a creation: up to this sequence what needs it is discarded with it; empty for none. */
  readonly through: string;
  /** Id of the creation that it was discarded with; empty for none. */
  readonly with: string;
}

/** An operation as headquarters stores it. */
export interface StoredOperation extends StagedOperation {
  readonly sequence: string;
  readonly status: HqOperation['status'];
  readonly accountNumber: string;
  /** Why it failed: decided in apply/apply-decision.ts, or by the records (`refusalOf` in apply/apply-records.ts); else empty. */
  readonly lastError: string;
  readonly description: string;
  readonly uploadedOn: string;
  readonly appliedOn: string;
  readonly editedBy: string;
  readonly editedOn: string;
  /** Rises with each change that callers can see. */
  readonly version: number;
  /** See OPERATION-4; 0 at first. */
  readonly attempt: number;
  /** The body as the channel sent it, once it was edited. */
  readonly original: OperationBody | undefined;
  /**
   * The address or contact that the channel named, once the operation was given another target; else empty. That of a customer's
   * creation is its own id once somebody has said that the customer who is there already is the one it makes.
   */
  readonly originalTargetId: string;
  readonly plan: OperationPlan | undefined;
  /** The step of a run that made it Completed, Failed or Held: so that the step, when repeated, counts it again. */
  readonly decidedIn: string;
  /** The bulk change that changed it last: so that its step, when repeated, finds what it has done. Empty for none. */
  readonly bulkId: string;
  /**
   * It stands apart from its customer's order (OPERATION-8): it is about a record that is not proven its customer's, or an
   * operation of its channel that is holds it back. Other channels' later operations may have been applied meanwhile.
   */
  readonly apart: boolean;
  /** Present exactly while it is Discarded. */
  readonly discard: Discard | undefined;
  /** Empty for one that isn't stored yet. */
  readonly etag: string;
}

const SEQUENCE_DIGITS = 15;

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

/** Whether operations before this one may still be on their way, given the customer's mark (HEAD-1). */
export function isBeyond(sequence: string, uploadedThrough: string): boolean {
  return (sequence.split('~')[0] ?? '') > (uploadedThrough || sequenceKey(0));
}

/** What a record carries after this attempt at the operation (OPERATION-4); sorts by sequence, then by attempt. */
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
    decidedIn: '',
    bulkId: '',
    plan: undefined,
    apart: false,
    discard: undefined,
    etag: '',
  };
}

/** Whose stamp a record carries after an operation was applied to it (OPERATION-8). */
export function laneOf({
  customerAsyncId,
  channel,
  apart,
}: Pick<StoredOperation, 'customerAsyncId' | 'channel' | 'apart'>): string {
  return apart ? `${customerAsyncId}|${channel}` : customerAsyncId;
}
