/**
 * Applies a customer's next operations on its own account to headquarters' records, with one write of their plans and one
 * of the record, however many they are. WRITE-1 to WRITE-5 (apply-records.ts) hold for each of them: what the record would be after
 * each is worked out first, all plans are written before it, and the record gets the last one's value and stamp only if
 * it still is as it was read. Its version rises by as many changes as there were.
 */

import { withStamp } from '../../records/applied-stamps.ts';
import { changeRecord } from '../../records/change-record.ts';
import type { StoredRecord } from '../../records/record.ts';
import { operationId, targetTableOf } from '../customer-operation.ts';
import type { LeasedHead } from '../headquarters/customer-head.ts';
import type { StoredOperation } from '../headquarters/stored-operation.ts';
import { type Decision, type Defaults, decideOperation } from './apply-decision.ts';
import { createAccount, createAffiliations } from './apply-new-customer.ts';
import { appliedBy, newRecord, RECORD_OWNER } from './apply-new-record.ts';
import {
  type Applied,
  type ApplyRecordsPorts,
  isOlder,
  isPlanned,
  NO_DEFAULTS,
  numberOf,
  refusalOf,
} from './apply-records.ts';

/** Operations that share a write of the record; their plans fit a transaction. */
const MAX_TOGETHER = 90;
/** JSON of their bodies together: the plans repeat what they replace. */
const MAX_BODIES_LENGTH = 500_000;

type Done = Extract<Applied, { kind: 'applied' }>;

interface Step {
  readonly operation: StoredOperation;
  readonly decision: Exclude<Decision, { kind: 'refuse' }>;
}

/** Those at the beginning of a customer's waiting operations that are about its own account, as many as fit together. */
export function accountRun(operations: readonly StoredOperation[]): StoredOperation[] {
  let length = 0;
  const end = operations.findIndex((operation, at) => {
    length += JSON.stringify(operation.body).length;
    const fits = at === 0 || (at < MAX_TOGETHER && length <= MAX_BODIES_LENGTH);
    return targetTableOf(operation.operation) !== 'account' || !fits;
  });
  return operations.slice(0, end < 0 ? operations.length : end);
}

/**
 * Applies the run of operations as far as none of them is refused. Empty: nothing can be done with them together, the first
 * one is to be applied by itself (applyToRecords), which also tells why it can't be. Throws storage's failures, and LeaseLost.
 */
export async function applyAccountRun(
  ports: ApplyRecordsPorts,
  leased: LeasedHead,
  run: readonly StoredOperation[],
  defaultsOf: (channel: string) => Promise<Defaults>,
): Promise<readonly Done[] | 'overtaken'> {
  const [first] = run;
  if (!first) return [];
  const found = await ports.records.find('account', first.customerAsyncId);
  if (found && (found.tombstone || found.value.state !== 'Active' || found.lock?.kind === 'transaction')) return [];
  const { steps, last } = await decideRun(ports, found, run, defaultsOf);
  if (steps.length === 0 || !last) return [];
  const planned = await putPlans(ports, steps);
  if (!planned) return 'overtaken';
  try {
    return await writeRun(ports, leased, found, planned, last);
  } catch (error) {
    // Whose fault a refusal is shows when they are applied one by one.
    refusalOf(error, first);
    return [];
  }
}

/** What becomes of the account, operation by operation, up to the first that is refused; `last`: the account after all. */
async function decideRun(
  { now }: ApplyRecordsPorts,
  found: StoredRecord | undefined,
  run: readonly StoredOperation[],
  defaultsOf: (channel: string) => Promise<Defaults>,
): Promise<{ steps: Step[]; last: StoredRecord | undefined }> {
  const steps: Step[] = [];
  let account = found;
  for (const operation of run) {
    const asksDefaults = !account && operation.operation === 'createCustomer';
    const defaults = asksDefaults ? await defaultsOf(operation.channel) : NO_DEFAULTS;
    const decision = decideOperation(operation, { account, target: account }, defaults);
    if (decision.kind === 'refuse') break;
    steps.push({ operation, decision });
    account = after(account, operation, decision, now());
    // What it sets under an account that is there may be refused, and nothing later may have been written then.
    if (operation.operation === 'createCustomer' && decision.kind !== 'create') break;
  }
  return { steps, last: account };
}

function after(
  account: StoredRecord | undefined,
  operation: StoredOperation,
  decision: Step['decision'],
  nowMs: number,
): StoredRecord | undefined {
  if (decision.kind === 'written') return account;
  if (decision.kind === 'create') return createdAccount(operation, decision.columns);
  if (!account) return undefined;
  const { columns, state } = decision;
  const options = { by: operation.createdBy, on: new Date(nowMs).toISOString() };
  const value = changeRecord(account.value, { columns, state }, options);
  return { ...account, value, appliedSequence: withStamp(account.appliedSequence, appliedBy(operation)) };
}

/** The account as its creation makes it, but for the number. */
function createdAccount(
  operation: StoredOperation,
  columns: Extract<Decision, { kind: 'create' }>['columns'],
): StoredRecord {
  const { value, appliedSequence = '' } = newRecord(operation, operation.customerAsyncId, RECORD_OWNER, columns, {});
  const { createdOn: modifiedOn, createdBy: modifiedBy } = value;
  return {
    value: { ...value, version: 1, modifiedOn, modifiedBy },
    ...{ etag: '', origin: operationId(operation), appliedSequence, lock: undefined, tombstone: undefined },
  };
}

/** Puts all plans on the operations' rows (WRITE-1). Undefined: one of the operations was changed meanwhile. */
async function putPlans({ staging }: ApplyRecordsPorts, steps: readonly Step[]): Promise<Step[] | undefined> {
  const open = steps.flatMap(({ operation, decision }) =>
    decision.kind === 'written' || isPlanned(operation, decision.plan) ? [] : [{ ...operation, plan: decision.plan }],
  );
  const written = await staging.replaceAll(open);
  if (!written) return undefined;
  const planned = new Map(written.map((operation) => [operationId(operation), operation]));
  return steps.map((step) => ({ ...step, operation: planned.get(operationId(step.operation)) ?? step.operation }));
}

/** Makes the account if it isn't there, then changes it to what it is after all steps. Empty: it was changed meanwhile. */
async function writeRun(
  ports: ApplyRecordsPorts,
  leased: LeasedHead,
  found: StoredRecord | undefined,
  steps: readonly Step[],
  last: StoredRecord,
): Promise<readonly Done[]> {
  let head = leased;
  let account = found;
  const [first] = steps;
  if (first?.decision.kind === 'create') {
    const made = await createAccount(ports, leased, first.operation, first.decision.columns);
    // One that was made meanwhile, by an attempt that we didn't see, isn't what the plans stand on.
    if (made.account.value.version > 1 || isOlder(made.account, first.operation)) return [];
    ({ account, leased: head } = made);
    await createAffiliations(ports.records, first.operation, account);
  }
  if (account && steps.some(({ decision }) => decision.kind === 'change')) {
    const { accountNumber } = account.value.columns;
    const number = accountNumber === undefined ? {} : { accountNumber };
    const value = { ...last.value, columns: { ...last.value.columns, ...number } };
    account = await ports.records.replaceSeen(account, value, last.appliedSequence);
  }
  if (!account) return [];
  if (found && first?.operation.operation === 'createCustomer') {
    await createAffiliations(ports.records, first.operation, account);
  }
  const accountNumber = numberOf(account);
  return steps.map(({ operation }) => ({ kind: 'applied', operation, leased: head, accountNumber, master: undefined }));
}
