/**
 * What an operation does to headquarters' records, decided from what was read; nothing is read or written here.
 */
import type { ColumnValue } from '../../catalogue/columns.ts';
import type { RecordState, StoredRecord } from '../../records/record.ts';
import { type OperationBody, operationId } from '../customer-operation.ts';
import { type OperationPlan, type StoredOperation, stampOf } from '../headquarters/staging-row.ts';
import { valueProblems } from './apply-validation.ts';

/** Records as read for one operation, tombstones included. */
export interface Seen {
  readonly account: StoredRecord | undefined;
  /** The record that the operation makes or changes; the account itself for customer operations. */
  readonly target: StoredRecord | undefined;
}

/** What new customers of the operation's channel take over; a text says why that isn't known. */
export type Defaults = { readonly values: OperationBody; readonly affiliations: readonly string[] } | string;

export type Decision =
  | { readonly kind: 'refuse'; readonly error: string }
  /** This attempt has changed the record already; it only remains to say so. */
  | { readonly kind: 'written' }
  | { readonly kind: 'create'; readonly columns: Readonly<Record<string, ColumnValue>>; readonly plan: OperationPlan }
  | {
      readonly kind: 'change';
      readonly columns: OperationBody;
      readonly state?: RecordState;
      /** The version that the plan's old values are of. */
      readonly ifVersion: number;
      readonly plan: OperationPlan;
    };

const refuse = (error: string): Decision => ({ kind: 'refuse', error });
const THEN = 'then synchronize the operation again.';
const OTHER_ADDRESS = 'give the operation the id of another address as its addressId';
const ONCE = 'Once there is, synchronize the operation again.';

/** Decides one operation. Pure; `defaults` is asked for by new customers alone. */
export function decideOperation(operation: StoredOperation, seen: Seen, defaults: Defaults): Decision {
  const { target } = seen;
  if (isWritten(operation, target)) return { kind: 'written' };
  const problems = valueProblems(operation.operation, operation.body, isCreation(operation));
  if (problems.length > 0) return refuse(`${problems.join(' ')} Correct it in the operation, ${THEN}`);
  if (operation.operation === 'createCustomer') return decideCreateCustomer(operation, target, defaults);
  const accountProblem = problemOfAccount(operation, seen.account);
  if (accountProblem) return refuse(accountProblem);
  if (operation.operation === 'createAddress')
    return target ? decideChange(operation, target) : create(operation, newPlan(operation, 0, {}));
  if (!target) {
    return refuse(`There is no address ${operation.targetId} at headquarters. ${ONCE} Or ${OTHER_ADDRESS}, ${THEN}`);
  }
  return decideChange(operation, target);
}

function decideCreateCustomer(
  operation: StoredOperation,
  account: StoredRecord | undefined,
  defaults: Defaults,
): Decision {
  if (account) {
    const problem = problemOfAccount(operation, account);
    return problem === undefined ? decideChange(operation, account) : refuse(problem);
  }
  const known = planOfAttempt(operation);
  if (known) return create(operation, known);
  if (typeof defaults === 'string') return refuse(defaults);
  const filled = Object.fromEntries(
    Object.entries(defaults.values).filter(([name]) => (operation.body[name] ?? null) === null),
  );
  return create(operation, newPlan(operation, 0, {}, filled, defaults.affiliations));
}

/** Whether the record shows that this attempt has written it, if only under what later operations of the customer wrote. */
function isWritten(operation: StoredOperation, target: StoredRecord | undefined): boolean {
  if (!target) return false;
  const stamp = stampOf(operation);
  // Another customer's operations have nothing to do with the order of this one's.
  return target.appliedSequence === stamp || (isOfCustomer(operation, target) && target.appliedSequence > stamp);
}

function isOfCustomer({ customerAsyncId }: StoredOperation, { value }: StoredRecord): boolean {
  return (value.table === 'address' ? value.lookups.account_addresses : value.id) === customerAsyncId;
}

/** A change of a record that exists, also of one that was to be made: by an earlier attempt, or by somebody else. */
function decideChange(operation: StoredOperation, target: StoredRecord): Decision {
  const { value, tombstone } = target;
  const isAddress = value.table === 'address';
  if (!isOfCustomer(operation, target)) {
    return refuse(`The address ${value.id} belongs to another customer. To mend it, ${OTHER_ADDRESS}, ${THEN}`);
  }
  if (tombstone) return refuse(isAddress ? `${deleted(target)} Or ${OTHER_ADDRESS}, ${THEN}` : deleted(target));
  const known = planOfAttempt(operation);
  const planned = (old: OperationBody, { filled, affiliations } = operation.plan ?? NOTHING) =>
    known?.recordVersion === value.version ? known : newPlan(operation, value.version, old, filled, affiliations);
  if (operation.operation === 'deactivateAddress') {
    const plan = planned({ state: value.state }, NOTHING);
    return { kind: 'change', columns: {}, state: 'Inactive', ifVersion: value.version, plan };
  }
  if (isCreation(operation) && target.origin !== operationId(operation))
    return decideExisting(operation, target, known);
  if (isAddress && value.state === 'Inactive') {
    return refuse(`The address ${value.id} was deactivated. Activate it at headquarters, ${THEN}`);
  }
  if (!isCreation(operation)) {
    const plan = planned(oldValues(operation.body, value.columns), NOTHING);
    return { kind: 'change', columns: operation.body, ifVersion: value.version, plan };
  }
  const plan = planned({});
  return { kind: 'change', columns: valuesOf(operation, plan), ifVersion: value.version, plan };
}

/**
 * A creation of what is there already: the values given are laid over it, the rest stays, and an address is active again.
 */
function decideExisting(
  operation: StoredOperation,
  { value }: StoredRecord,
  known: OperationPlan | undefined,
): Decision {
  const given = Object.entries(operation.body).filter(([, each]) => each !== null);
  const columns = Object.fromEntries(given);
  const old = oldValues(columns, value.columns);
  const wasInactive = value.state === 'Inactive' && { state: value.state };
  const plan =
    known?.recordVersion === value.version
      ? known
      : { ...newPlan(operation, value.version, { ...old, ...wasInactive }), existed: true };
  return { kind: 'change', columns, state: 'Active', ifVersion: value.version, plan };
}

function create(operation: StoredOperation, plan: OperationPlan): Decision {
  const columns: Record<string, ColumnValue> = {};
  for (const [name, value] of Object.entries(valuesOf(operation, plan))) if (value !== null) columns[name] = value;
  return { kind: 'create', columns, plan };
}

/** The values that an operation sets: its own, and where it has none, those that are filled in. */
function valuesOf({ body }: StoredOperation, { filled }: Pick<OperationPlan, 'filled'>): OperationBody {
  const names = [...new Set([...Object.keys(body), ...Object.keys(filled)])];
  return Object.fromEntries(names.map((name) => [name, body[name] ?? filled[name] ?? null]));
}

const NOTHING: Pick<OperationPlan, 'filled' | 'affiliations'> = { filled: {}, affiliations: [] };

function isCreation({ operation }: Pick<StoredOperation, 'operation'>): boolean {
  return operation === 'createCustomer' || operation === 'createAddress';
}

function problemOfAccount(operation: StoredOperation, account: StoredRecord | undefined): string | undefined {
  const id = operation.customerAsyncId;
  if (!account) return `There is no customer ${id} at headquarters. ${ONCE}`;
  if (account.tombstone) return deleted(account);
  if (account.value.state === 'Active') return undefined;
  return `The customer ${id} is inactive. Activate its account at headquarters, ${THEN}`;
}

function deleted({ value, tombstone }: StoredRecord): string {
  const kind = value.table === 'account' ? 'customer' : value.table;
  return `The ${kind} ${value.id} was deleted on ${tombstone?.deletedOn} by ${tombstone?.deletedBy}. Restore it, ${THEN}`;
}

function planOfAttempt({ plan, attempt }: StoredOperation): OperationPlan | undefined {
  return plan?.attempt === attempt ? plan : undefined;
}

function newPlan(
  { attempt }: StoredOperation,
  recordVersion: number,
  old: OperationBody,
  filled: OperationBody = {},
  affiliations: readonly string[] = [],
): OperationPlan {
  return { attempt, recordVersion, old, filled, affiliations };
}

function oldValues(columns: OperationBody, before: Readonly<Record<string, ColumnValue>>): OperationBody {
  return Object.fromEntries(
    Object.keys(columns).flatMap((name) => (before[name] === undefined ? [] : [[name, before[name]]])),
  );
}

/** The values that an operation sets, with what was there before; as the status page shows them. */
export function attributesOf(
  operation: StoredOperation,
): { name: string; old: ColumnValue | null; new: ColumnValue | null }[] {
  const plan = operation.status === 'Completed' ? operation.plan : undefined;
  const values = {
    ...(operation.operation === 'deactivateAddress' ? { state: 'Inactive' } : valuesOf(operation, plan ?? NOTHING)),
    ...(plan?.existed && plan.old.state !== undefined && { state: 'Active' }),
  };
  const shown = Object.entries(values).map(([name, value]) => ({ name, old: plan?.old[name] ?? null, new: value }));
  const { originalTargetId: sent, targetId } = operation;
  return sent === '' || sent === targetId ? shown : [...shown, { name: 'addressId', old: sent, new: targetId }];
}
