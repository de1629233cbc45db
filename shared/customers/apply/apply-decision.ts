/**
 * What an operation does to headquarters' records, decided from what was read; nothing is read or written here.
 */
import type { ColumnValue } from '../../catalogue/columns.ts';
import { stampFor } from '../../records/applied-stamps.ts';
import type { RecordState, StoredRecord } from '../../records/record.ts';
import { OPERATIONS, type OperationBody, operationId, targetTableOf, UNDER_ACCOUNT } from '../customer-operation.ts';
import {
  isSameCustomer,
  laneOf,
  type OperationPlan,
  type StoredOperation,
  stampOf,
} from '../headquarters/stored-operation.ts';
import { nounOf, targetAttribute } from './apply-descriptions.ts';
import type { Seen } from './apply-seen.ts';
import { operationProblems } from './apply-validation.ts';

/** What is taken over from the operation's channel; a text says why that isn't known. */
export type Defaults =
  | {
      /** For new customers. */
      readonly values: OperationBody;
      readonly affiliations: readonly string[];
      /** For new addresses. */
      readonly country?: string;
    }
  | string;

/** What is to become of an operation's record. */
export type Decision =
  /** `isClash`: its target is not proven its customer's. */
  | { readonly kind: 'refuse'; readonly error: string; readonly isClash?: boolean }
  /** This attempt has changed the record already, or there is nothing left to remove; it only remains to say so. */
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
const clash = (error: string): Decision => ({ kind: 'refuse', error, isClash: true });
const THEN = 'then synchronize the operation again.';
const ONCE = 'Once there is, synchronize the operation again.';

/** How a target that has an id of its own is given another target. */
const otherTarget = (table: string) =>
  `give the operation the id of another ${nounOf(table)} as its ${targetAttribute(table)}`;

/** Decides one operation. Pure; `defaults` is asked for by new customers and addresses alone. */
export function decideOperation(operation: StoredOperation, seen: Seen, defaults: Defaults): Decision {
  const { target } = seen;
  const { table, does } = OPERATIONS[operation.operation];
  if (isWritten(operation, target) || (table === 'account' && isWritten(operation, seen.account)))
    return { kind: 'written' };
  const problems = operationProblems(operation.operation, operation.body);
  if (problems.length > 0) return refuse(`${problems.join(' ')} Correct it in the operation, ${THEN}`);
  if (operation.operation === 'createCustomer' && !seen.account) return decideNewCustomer(operation, defaults);
  const owner = operation.operation === 'createCustomer' ? seen.account : undefined;
  if (owner && !owner.tombstone && owner.origin !== operationId(operation) && !isSameCustomer(operation)) {
    return clash(takenId(owner));
  }
  const accountProblem = problemOfAccount(operation, seen);
  if (accountProblem) return refuse(accountProblem);
  const isGone = !target || target.tombstone !== undefined;
  if (does === 'remove' && table !== 'address' && isGone) return { kind: 'written' };
  if (target) return decideChange(operation, seen, target);
  if (does === 'create')
    return create(operation, newPlan(operation, 0, {}, addressDefaults(operation, seen, defaults)));
  if (does === 'set') return create(operation, newPlan(operation, 0, {}));
  return refuse(
    `There is no ${nounOf(table)} ${operation.targetId} at headquarters. ${ONCE} Or ${otherTarget(table)}, ${THEN}`,
  );
}

function decideNewCustomer(operation: StoredOperation, defaults: Defaults): Decision {
  const known = planOfAttempt(operation);
  if (known) return create(operation, known);
  if (typeof defaults === 'string') return refuse(defaults);
  const filled = openValues(operation, defaults.values);
  return create(operation, newPlan(operation, 0, {}, filled, defaults.affiliations));
}

/** A new address is a person's home or an organization's place of business, in the channel's country, unless it says otherwise. */
function addressDefaults(operation: StoredOperation, { account, master }: Seen, defaults: Defaults): OperationBody {
  const isOrganization = (master ?? account)?.value.columns.type === 'Organization';
  const country = typeof defaults === 'string' ? undefined : defaults.country;
  const purpose = isOrganization ? 'Business' : 'Home';
  return openValues(operation, { purpose, ...(country !== undefined && { country }) });
}

/** Those of some values that the operation leaves open. */
function openValues({ body }: StoredOperation, values: OperationBody): OperationBody {
  return Object.fromEntries(Object.entries(values).filter(([name]) => (body[name] ?? null) === null));
}

/** Whether the record shows that this attempt has written it, if only under what later operations of the customer wrote. */
function isWritten(operation: StoredOperation, target: StoredRecord | undefined): boolean {
  if (!target) return false;
  return stampFor(target.appliedSequence, laneOf(operation)) >= stampOf(operation);
}

/** Whether a target is the customer's, or of the one that it was merged into. */
function isOfCustomer({ account, master }: Seen, { value }: StoredRecord): boolean {
  const { table, id, lookups } = value;
  const accountId = table === 'account' ? id : lookups[UNDER_ACCOUNT[table as keyof typeof UNDER_ACCOUNT]];
  return accountId === account?.value.id || accountId === master?.value.id;
}

/** A change of a record that exists, also of one that was to be made: by an earlier attempt, or by somebody else. */
function decideChange(operation: StoredOperation, seen: Seen, target: StoredRecord): Decision {
  const { value, tombstone } = target;
  const { table } = value;
  const { does } = OPERATIONS[operation.operation];
  if (!isOfCustomer(seen, target)) {
    return clash(
      `The ${nounOf(table)} ${value.id} belongs to another customer. To mend it, ${otherTarget(table)}, ${THEN}`,
    );
  }
  if (tombstone)
    return refuse(table === 'account' ? deleted(target) : `${deleted(target)} Or ${otherTarget(table)}, ${THEN}`);
  const planned = (old: OperationBody, { filled, affiliations } = operation.plan ?? NOTHING) =>
    newPlan(operation, value.version, old, filled, affiliations);
  if (does === 'remove') {
    const plan = planned({ state: value.state }, NOTHING);
    return { kind: 'change', columns: {}, state: 'Inactive', ifVersion: value.version, plan };
  }
  if (does === 'set') return decideSet(operation, target);
  if (isCreation(operation) && target.origin !== operationId(operation)) return decideExisting(operation, target);
  if (table === 'address' && value.state === 'Inactive') {
    return refuse(`The address ${value.id} was deactivated. Activate it at headquarters, ${THEN}`);
  }
  if (!isCreation(operation)) {
    const plan = planned(oldValues(operation.body, value.columns), NOTHING);
    return { kind: 'change', columns: operation.body, ifVersion: value.version, plan };
  }
  const plan = planned({});
  return { kind: 'change', columns: valuesOf(operation, plan), ifVersion: value.version, plan };
}

/** What is set takes the place of what is there, and is active, also when it had been removed. */
function decideSet(operation: StoredOperation, { value }: StoredRecord): Decision {
  const wasInactive = value.state === 'Inactive' && { state: value.state };
  const old = { ...oldValues(operation.body, value.columns), ...wasInactive };
  const plan = newPlan(operation, value.version, old);
  return { kind: 'change', columns: operation.body, state: 'Active', ifVersion: value.version, plan };
}

/**
 * A creation of what is there already: the values given are laid over it, the rest stays, and an address is active again.
 */
function decideExisting(operation: StoredOperation, { value }: StoredRecord): Decision {
  const given = Object.entries(operation.body).filter(([, each]) => each !== null);
  const columns = Object.fromEntries(given);
  const old = oldValues(columns, value.columns);
  const wasInactive = value.state === 'Inactive' && { state: value.state };
  const plan = { ...newPlan(operation, value.version, { ...old, ...wasInactive }), existed: true };
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

function problemOfAccount(operation: StoredOperation, { account, master }: Seen): string | undefined {
  const id = operation.customerAsyncId;
  if (!account) return `There is no customer ${id} at headquarters. ${ONCE}`;
  const merged = master && ` The customer ${id} was merged into it.`;
  const standing = master ?? account;
  if (standing.tombstone) return `${deleted(standing)}${merged ?? ''}`;
  if (standing.value.state === 'Active') return undefined;
  return `The customer ${standing.value.id} is inactive. Activate its account at headquarters, ${THEN}${merged ?? ''}`;
}

/**
 * A creation under an id that headquarters knows as another's would change that one: two channels have drawn one id, say.
 * The second channel reads this, and learns nothing of the customer who was first.
 */
function takenId({ value: { id } }: StoredRecord): string {
  return (
    `The id ${id} is that of a customer who was made before; nothing was changed. ${IF_SAME} give the operation ${id} as ` +
    `its customerId, ${THEN} Otherwise discard it, and have the channel make its customer anew under another id.`
  );
}

/** Begins the advice on a taken id that only people at headquarters can follow. */
export const IF_SAME = 'If both are the same person,';

function deleted({ value, tombstone }: StoredRecord): string {
  return `The ${nounOf(value.table)} ${value.id} was deleted on ${tombstone?.deletedOn} by ${tombstone?.deletedBy}. Restore it, ${THEN}`;
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
  const isRemoval = OPERATIONS[operation.operation].does === 'remove';
  const values = {
    ...valuesOf(operation, plan ?? NOTHING),
    ...(isRemoval && { state: 'Inactive' }),
    ...(!isRemoval && plan?.old.state !== undefined && { state: 'Active' }),
  };
  const shown = Object.entries(values).map(([name, value]) => ({ name, old: plan?.old[name] ?? null, new: value }));
  const { originalTargetId: sent, targetId } = operation;
  const name = targetAttribute(targetTableOf(operation.operation));
  return sent === '' || sent === targetId ? shown : [...shown, { name, old: sent, new: targetId }];
}
