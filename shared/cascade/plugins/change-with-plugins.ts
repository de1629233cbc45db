/**
 * The change of one record that has plug-ins: before, change, after, in one unit of work. What they start in turn is a part
 * of the same unit.
 *
 *  PLUGIN-1  Nothing is written here; whoever holds the unit writes all of it in one transaction, or none.
 *  PLUGIN-2  A record is changed with its plug-ins only if its rule changes it; what is as it is wanted starts nothing.
 *      So what plug-ins start comes to an end, or to `MAX_DEPTH`.
 */
import type { RelationshipAction } from '../../catalogue/relationships.ts';
import { isTableName, type TableName } from '../../catalogue/tables.ts';
import { Problem } from '../../problem.ts';
import type { RecordValue } from '../../records/record.ts';
import { fromRow, type RecordRow } from '../../records/record-row.ts';
import type { BehaviorReader } from '../../records/relationships/relationship-store.ts';
import type { StoredRow } from '../../storage/table.ts';
import type { Values } from '../../transactions/locked-row.ts';
import type { CurrentRecord, Decision, RuleContext } from '../actions/action-rule.ts';
import { decideOn } from '../actions/rules.ts';
import { toCurrent } from '../apply/current-record.ts';
import { Inheriting } from '../apply/inherit-shares.ts';
import { collectFound } from '../identify/collect-found.ts';
import type { FoundRecord } from '../identify/found-records.ts';
import type { IdentifyPorts } from '../identify/identify-ports.ts';
import type { AssignPlan, CascadePlan, DeletePlan, PlanCommon } from '../plans.ts';
import { type ActivePlugins, NO_PLUGINS, type PluginSource } from './active-plugins.ts';
import { findToDelete } from './nested-delete.ts';
import type { PluginStep, PluginWork } from './plugin.ts';
import { PluginFailure, type PluginRunner, type PluginThread } from './plugin-runner.ts';
import type { UnitOfWork } from './unit-of-work.ts';

/** What plug-ins need of their surroundings. */
export interface PluginServices {
  readonly source: PluginSource;
  readonly runner: PluginRunner;
  readonly behaviors: BehaviorReader;
}

/** A change that is being made with its plug-ins. */
export interface PluginChange {
  readonly identifying: Pick<IdentifyPorts, 'storage' | 'recordStore'>;
  readonly plugins: PluginServices;
  readonly unit: UnitOfWork;
  readonly plan: CascadePlan;
  /** The action of the job that all of it is part of. */
  readonly jobAction: CascadePlan['action'];
  readonly active: ActivePlugins;
  readonly context?: RuleContext | undefined;
  /** ISO 8601 UTC. */
  readonly on: string;
  /** The same in every try. */
  readonly key: string;
  /** 1 for a record of the job itself, one more for what its plug-ins start. */
  readonly depth: number;
  /** Taken when the first plug-in runs. */
  readonly thread: () => PluginThread;
}

/** The change of one of the job's own records. */
export type OwnChange = Omit<PluginChange, 'jobAction' | 'key' | 'depth' | 'thread'>;

/** Cascades within cascades that plug-ins may start. */
const MAX_DEPTH = 8;
/** Records that a cascade inside a plug-in may change: they are read one by one, within the plug-in's own time. */
const MAX_RECORDS = 2000;

/** Whether a record has plug-ins for the action, and is itself what it is for: not one that only loses its link. */
export function hasPlugins(
  active: ActivePlugins,
  table: TableName,
  row: StoredRow<RecordRow>,
  found: Pick<FoundRecord, 'effect'> | undefined,
): boolean {
  if (!active.tables.has(table) || (found && found.effect !== 'change')) return false;
  const { value } = fromRow(table, row);
  return active.of(value, 'before').length > 0 || active.of(value, 'after').length > 0;
}

/**
 * Changes one of the job's own records, as `changePlugged` does, and gives it as it was when the unit read it. A thread is
 * taken when the first of its plug-ins runs, each of which then has `deadlineSeconds`, and given back in any case.
 */
export async function changeOwnRecord(
  own: OwnChange,
  deadlineSeconds: () => number,
  table: TableName,
  found: FoundRecord,
  shares: CurrentRecord['shares'],
): Promise<{ readonly decision: Decision; readonly current: CurrentRecord | undefined }> {
  const { plan, plugins, unit } = own;
  let thread: PluginThread | undefined;
  const change: PluginChange = {
    ...own,
    jobAction: plan.action,
    key: ownKey(plan, found),
    depth: 1,
    thread: () => {
      thread ??= plugins.runner.open(deadlineSeconds());
      return thread;
    },
  };
  try {
    const { decision, row } = await changeWithPlugins(change, table, found, shares);
    // The version that the record had then.
    const version = (await unit.nextVersion(table, found.id)) - 1;
    return { decision, current: row && { ...toCurrent(row, shares), version } };
  } finally {
    thread?.release();
  }
}

/** What names the change of one of the job's own records, in every try. */
export function ownKey({ jobId }: CascadePlan, { id }: FoundRecord): string {
  return `${jobId}|${id}`;
}

/**
 * Changes a record in the unit, with its plug-ins; gives what was decided, and on which row. Throws PluginFailure for what
 * a plug-in did wrong, Problem locked, and faults of storage.
 */
async function changeWithPlugins(
  change: PluginChange,
  table: TableName,
  found: FoundRecord,
  shares?: CurrentRecord['shares'],
): Promise<{ readonly decision: Decision; readonly row: StoredRow<RecordRow> | undefined }> {
  const { unit, plan, active, on } = change;
  const first = await unit.row(table, found.id);
  const decided = decideNow(change, table, found, first, shares);
  if (decided.kind !== 'write' || !first) return { decision: decided, row: first };
  const before = fromRow(table, first).value;
  await runStep(change, 'before', before, undefined);
  const row = await unit.row(table, found.id);
  const decision = decideNow(change, table, found, row, shares);
  if (decision.kind !== 'write' || !row) return { decision, row };
  const version = await unit.nextVersion(table, found.id);
  const bumped = decision.bumpsVersion && { modifiedBy: plan.by, modifiedOn: on, version };
  await unit.merge(table, found.id, { ...decision.set, ...bumped } as Values);
  if (active.of(before, 'after').length > 0) {
    const after = await unit.row(table, found.id);
    if (after) await runStep(change, 'after', before, fromRow(table, after).value);
  }
  return { decision, row };
}

function decideNow(
  { plan, on, context }: PluginChange,
  table: TableName,
  found: FoundRecord,
  row: StoredRow<RecordRow> | undefined,
  shares: CurrentRecord['shares'],
): Decision {
  return decideOn(plan, found, row && toCurrent(row, shares), { table, on, context });
}

/** Which plug-ins a record has is decided by what it was before; `after` is the record as it will be. */
async function runStep(
  change: PluginChange,
  step: PluginStep,
  before: RecordValue,
  after: RecordValue | undefined,
): Promise<void> {
  const { active, plan, key, depth } = change;
  for (const plugin of active.of(before, step)) {
    if (depth > MAX_DEPTH) {
      const where = `Plug-in ${plugin.name} (${step} ${plan.action}) on ${before.table} ${before.id}`;
      throw new PluginFailure(
        'plugin-failed',
        plugin.name,
        `${where} was not run: plug-ins start one another ${MAX_DEPTH} deep.`,
      );
    }
    const { jobId, by } = plan;
    const record = after ?? before;
    const call = {
      jobId,
      action: plugin.action,
      step,
      by,
      key: `${key}|${plugin.name}`,
      record,
      ...(after && { before }),
    };
    await change.thread().run(plugin, call, workOf(change));
  }
}

/** What a plug-in may do: with the unit's records, and by cascades of its own. */
function workOf(change: PluginChange): PluginWork {
  const { unit } = change;
  return {
    get: (table, id) => unit.get(table, id),
    create: (table, record) => unit.create(table, record),
    update: (table, id, values) => unit.update(table, id, values),
    assign: (table, id, ownerId) => assignInside(change, table, id, ownerId),
    delete: (table, id) => deleteInside(change, table, id),
  };
}

/** Assigns a record and what follows it, as a part of the unit of the plug-in that asks for it. Throws Problem not-found and rule-broken. */
async function assignInside(outer: PluginChange, table: TableName, recordId: string, ownerId: string): Promise<void> {
  const common = await planInside(outer, table, recordId, 'Assign');
  if (typeof ownerId !== 'string' || ownerId === '') throw new Problem('invalid-request', 'ownerId: name a user.');
  const plan: AssignPlan = { ...common, action: 'assign', ownerId };
  await runInside(outer, plan, await collectFound(outer.identifying, plan, MAX_RECORDS));
}

/** Deletes a record and what belongs to it, likewise. Throws Problem not-found, rule-broken, conflict. */
async function deleteInside(outer: PluginChange, table: TableName, recordId: string): Promise<void> {
  // What the job has deleted already, or another step of it just now, is as it is wanted.
  const row = isTableName(table) ? await outer.unit.row(table, recordId) : undefined;
  if (row?.deletedOn && row.deletedByJob === outer.plan.jobId) return;
  const plan: DeletePlan = { ...(await planInside(outer, table, recordId, 'Delete')), action: 'delete' };
  const options = { limit: MAX_RECORDS, isInDelete: outer.jobAction === 'delete' };
  await runInside(outer, plan, await findToDelete(outer.identifying, outer.unit, plan, options));
}

async function planInside(
  { unit, plugins, plan: { jobId, by }, on }: PluginChange,
  table: TableName,
  recordId: string,
  behavior: RelationshipAction,
): Promise<PlanCommon> {
  const root = await unit.get(table, recordId);
  if (!root) throw new Problem('not-found', `There is no ${table} with the id ${recordId}.`);
  const behaviors = await plugins.behaviors.behaviorsOf(behavior);
  return { jobId, table, recordId, formerOwnerId: root.ownerId, behaviors, lanes: 1, by, createdOn: on };
}

/** Changes all that was found: at once, with the plug-ins of these records, and undone with the rest. */
async function runInside(
  outer: PluginChange,
  plan: AssignPlan | DeletePlan,
  found: Awaited<ReturnType<typeof collectFound>>,
): Promise<void> {
  const inner: PluginChange = {
    ...outer,
    plan,
    active: await outer.plugins.source(plan.action),
    depth: outer.depth + 1,
    key: `${outer.key}|${plan.recordId}`,
  };
  const inheriting = new Inheriting(outer.identifying.recordStore.tables, plan, true);
  for (const { table, record } of found) {
    const { decision, row } = await changeWithPlugins(inner, table, record);
    if (decision.kind === 'fail' || decision.kind === 'broken') throw new Problem('conflict', decision.text);
    if (decision.kind === 'wait') throw new Problem('locked', decision.text);
    const current = row && toCurrent(row, undefined);
    const settled = await inheriting.inherit(table, [{ id: record.id, current, decision }]);
    inheriting.mean(table, settled);
    for (const each of settled) {
      if (each.decision.kind === 'write') inner.unit.share(table, each.decision.shareWrites ?? []);
    }
  }
}

/** The plug-ins of an action; none where there are no services for them, nor for what puts other actions right. */
export function activeFor(plugins: PluginServices | undefined, { action }: CascadePlan): Promise<ActivePlugins> {
  const hasNone = action === 'undo' || action === 'revokeInheritedAccess' || action === 'reconcileAccess';
  return plugins && !hasNone ? plugins.source(action) : Promise.resolve(NO_PLUGINS);
}
