/**
 * Applies one operation to headquarters' records. Every step may have been done by an attempt before, or be done by
 * another worker at the same time:
 *
 *  WRITE-1  The plan is on the operation's row (If-Match) before the record is written, and the record is written only at
 *      the version that the plan stands on. So the old values on the row are those that the write has replaced.
 *  WRITE-2  Each write carries the operation's stamp and happens only if the record carries a lower one of the customer
 *      (RECORD-4).
 *  WRITE-3  A new customer's number is on its head before the account is made, and its number's alias before the account
 *      carries it. A number that is another account's for good is replaced by the next.
 *  WRITE-4  Records that give way to what was set (another primary address) are changed after it, under the same stamp: a
 *      later attempt finishes what this one has left, and takes back nothing that a later operation has done.
 *  WRITE-5  What is made carries the operation's id as its origin and an id that follows from the operation: made again,
 *      it is found.
 */
import { isDeepStrictEqual } from 'node:util';
import { Problem } from '../../problem.ts';
import { stampFor } from '../../records/applied-stamps.ts';
import type { Change } from '../../records/change-record.ts';
import type { StoredRecord } from '../../records/record.ts';
import type { RecordStore } from '../../records/record-store.ts';
import { NAMING_COLUMN, operationId, targetTableOf, UNDER_ACCOUNT } from '../customer-operation.ts';
import type { LeasedHead } from '../headquarters/customer-head.ts';
import { isTooLarge, type StagingTables } from '../headquarters/staging-tables.ts';
import { laneOf, type OperationPlan, type StoredOperation, stampOf } from '../headquarters/stored-operation.ts';
import { type Decision, type Defaults, decideOperation } from './apply-decision.ts';
import { createAccount, createAffiliations, type NewCustomerPorts } from './apply-new-customer.ts';
import { appliedBy, newRecord, RECORD_OWNER } from './apply-new-record.ts';
import { readSeen, type Seen } from './apply-seen.ts';

/** What applying an operation to the records works with. */
export interface ApplyRecordsPorts extends NewCustomerPorts {
  readonly staging: StagingTables;
  readonly now: () => number;
}

/** What became of one operation. */
export type Applied =
  | {
      readonly kind: 'applied';
      readonly operation: StoredOperation;
      readonly leased: LeasedHead;
      readonly accountNumber: string;
      /** The account that the customer was merged into, and that the operation was applied to. */
      readonly master: StoredRecord | undefined;
    }
  /** `operation`: as its row stands now, the plan may have been written. */
  | {
      readonly kind: 'refused';
      readonly operation: StoredOperation;
      readonly error: string;
      readonly isClash?: boolean;
    }
  /** A record is locked, or a job is deleting it: to be tried again when the job has ended. */
  | { readonly kind: 'locked'; readonly operation: StoredOperation }
  /** Somebody else has changed the operation: what we know of it is out of date. */
  | { readonly kind: 'overtaken' };

/** Versions of a record that may pass by before we give up for now. */
const MAX_ATTEMPTS = 8;

/** Applies one operation. Throws storage's failures, and LeaseLost. */
export async function applyToRecords(
  ports: ApplyRecordsPorts,
  leased: LeasedHead,
  operation: StoredOperation,
  defaultsOf: (channel: string) => Promise<Defaults>,
): Promise<Applied> {
  let current = operation;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const { seen, decision } = await lookAndDecide(ports.records, current, defaultsOf);
    if (decision.kind === 'refuse') {
      const { error, isClash = false } = decision;
      return { kind: 'refused', operation: current, error, isClash };
    }
    const planned = decision.kind === 'written' ? current : await putPlan(ports.staging, current, decision.plan);
    if (!planned) return { kind: 'overtaken' };
    current = planned;
    const outcome = await write(ports, leased, current, seen, decision).catch((error: unknown) =>
      decision.kind === 'create' && isIdTaken(error) ? ('seen otherwise' as const) : refusalOf(error, current),
    );
    if (outcome !== 'seen otherwise') return outcome;
  }
  throw new Error(`The record of operation ${operationId(operation)} is being changed again and again`);
}

/** Why headquarters would refuse an operation as things are now; undefined when nothing speaks against it. Changes nothing. */
export async function foreseeRefusal(
  records: RecordStore,
  operation: StoredOperation,
  defaultsOf: (channel: string) => Promise<Defaults>,
): Promise<string | undefined> {
  const { decision } = await lookAndDecide(records, operation, defaultsOf);
  return decision.kind === 'refuse' ? decision.error : undefined;
}

/** What an operation would do to the records as they are now. */
async function lookAndDecide(
  records: RecordStore,
  operation: StoredOperation,
  defaultsOf: (channel: string) => Promise<Defaults>,
): Promise<{ seen: Seen; decision: Decision }> {
  const seen = await readSeen(records, operation);
  const isCreation = operation.operation === 'createCustomer' || operation.operation === 'createAddress';
  const defaults = isCreation && !seen.target ? await defaultsOf(operation.channel) : NO_DEFAULTS;
  return { seen, decision: decideOperation(operation, seen, defaults) };
}

/** The outcome that the records' refusal stands for; throws what is no refusal but trouble that may pass. */
export function refusalOf(error: unknown, operation: StoredOperation): Applied {
  if (isTooLarge(error)) {
    return { kind: 'refused', operation, error: `${error.message}. Shorten the values of the operation.` };
  }
  if (!(error instanceof Problem) || error.status >= 500) throw error;
  // What a job is deleting may be there again when the job is rolled back: once it has ended we know.
  if (error.slug === 'locked' || error.extra.jobId !== undefined) return { kind: 'locked', operation };
  return { kind: 'refused', operation, error: error.message };
}

/** Whether somebody else has made a record with the id since we looked. */
function isIdTaken(error: unknown): boolean {
  return error instanceof Problem && error.slug === 'conflict' && error.extra.jobId === undefined;
}

/** The defaults of an operation that asks for none. */
export const NO_DEFAULTS: Defaults = { values: {}, affiliations: [] };

/** Puts the plan on the operation's row (WRITE-1). */
async function putPlan(
  staging: StagingTables,
  operation: StoredOperation,
  plan: OperationPlan,
): Promise<StoredOperation | undefined> {
  return isPlanned(operation, plan) ? operation : staging.replace({ ...operation, plan });
}

/** Whether the operation's row has the plan already, or nothing is to be learned from it later. */
export function isPlanned(operation: StoredOperation, plan: OperationPlan): boolean {
  const isEmpty =
    plan.recordVersion === 0 && Object.keys(plan.filled).length === 0 && operation.operation !== 'createCustomer';
  return operation.plan ? isDeepStrictEqual(operation.plan, plan) : isEmpty;
}

/** Writes the record. `seen otherwise`: it isn't as it was seen, and is to be decided on anew. */
async function write(
  ports: ApplyRecordsPorts,
  leased: LeasedHead,
  operation: StoredOperation,
  seen: Seen,
  decision: Exclude<Decision, { kind: 'refuse' }>,
): Promise<Applied | 'seen otherwise'> {
  if (decision.kind === 'create' && operation.operation === 'createCustomer') {
    const made = await createAccount(ports, leased, operation, decision.columns);
    if (isOlder(made.account, operation)) return 'seen otherwise';
    await createAffiliations(ports.records, operation, made.account);
    return {
      kind: 'applied',
      operation,
      leased: made.leased,
      accountNumber: numberOf(made.account),
      master: undefined,
    };
  }
  if (decision.kind === 'create' && !(await createPart(ports.records, operation, seen, decision.columns))) {
    return 'seen otherwise';
  }
  if (decision.kind === 'change' && !(await change(ports, operation, seen, decision))) return 'seen otherwise';
  await giveWay(ports, operation, seen.siblings ?? []);
  const isCustomer = operation.operation === 'createCustomer';
  if (isCustomer && seen.account) await createAffiliations(ports.records, operation, seen.master ?? seen.account);
  return { kind: 'applied', operation, leased, accountNumber: numberOf(seen.account), master: seen.master };
}

/** Makes a record under the customer's account. */
async function createPart(
  records: RecordStore,
  operation: StoredOperation,
  seen: Seen,
  columns: Extract<Decision, { kind: 'create' }>['columns'],
): Promise<boolean> {
  const account = seen.master ?? seen.account;
  const ownerId = account?.value.ownerId ?? RECORD_OWNER;
  const table = targetTableOf(operation.operation) as keyof typeof UNDER_ACCOUNT;
  const lookups = { [UNDER_ACCOUNT[table]]: account?.value.id ?? operation.customerAsyncId };
  const id = seen.newId ?? operation.targetId;
  const made = await records.create(newRecord(operation, id, ownerId, columns, lookups));
  return !isOlder(made, operation);
}

/** Makes other records give way to what was set (WRITE-4): no longer primary, or, of the same name, no longer active. */
async function giveWay(
  { records, now }: ApplyRecordsPorts,
  operation: StoredOperation,
  siblings: readonly StoredRecord[],
): Promise<void> {
  const table = targetTableOf(operation.operation);
  const wanted: Change = NAMING_COLUMN[table] === undefined ? { columns: { isPrimary: false } } : { state: 'Inactive' };
  const options = { by: operation.createdBy, on: new Date(now()).toISOString(), applied: appliedBy(operation) };
  for (const { value } of siblings) {
    await records.change(table, value.id, wanted, options).catch((error: unknown) => {
      if (!(error instanceof Problem) || error.slug !== 'not-found') throw error;
    });
  }
}

/** Whether the record was changed; false when it has another version by now, or was deleted. */
async function change(
  { records, now }: ApplyRecordsPorts,
  operation: StoredOperation,
  { target }: Seen,
  { columns, state, ifVersion }: Extract<Decision, { kind: 'change' }>,
): Promise<boolean> {
  const options = {
    by: operation.createdBy,
    on: new Date(now()).toISOString(),
    ifVersion,
    applied: appliedBy(operation),
  };
  try {
    const id = target?.value.id ?? operation.targetId;
    await records.change(targetTableOf(operation.operation), id, { columns, state }, options);
    return true;
  } catch (error) {
    if (error instanceof Problem && (error.slug === 'stale-version' || error.slug === 'not-found')) return false;
    throw error;
  }
}

/** Whether what was found in the place of a record to be made is an earlier attempt's, which lacks what was edited since. */
export function isOlder(record: StoredRecord, operation: StoredOperation): boolean {
  return stampFor(record.appliedSequence, laneOf(operation)) < stampOf(operation);
}

/** The account's number; empty while there is none. */
export function numberOf(account: StoredRecord | undefined): string {
  const number = account?.value.columns.accountNumber;
  return typeof number === 'string' ? number : '';
}
