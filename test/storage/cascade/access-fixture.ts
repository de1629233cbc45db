/** What the tests of inherited access stand on: records of some tables, all actions on them in both modes, and who may hold what. */
import { randomUUID } from 'node:crypto';
import { newJob } from '../../../shared/cascade/jobs/job.ts';
import type { CascadePlan, PlanCommon } from '../../../shared/cascade/plans.ts';
import { lookupsOf, type RelationshipAction } from '../../../shared/catalogue/relationships.ts';
import type { TableName } from '../../../shared/catalogue/tables.ts';
import { Problem } from '../../../shared/problem.ts';
import type { RecordValue } from '../../../shared/records/record.ts';
import { openRelationships } from '../../../shared/records/relationships/relationship-store.ts';
import { restoreRecord } from '../../../shared/records/restore-record.ts';
import { maskOf, type Right } from '../../../shared/records/shares/rights.ts';
import { handedDown, type ShareSet, unionOf } from '../../../shared/records/shares/share-set.ts';
import { findShares } from '../../../shared/records/shares/shares.ts';
import { allowed } from './cascade-fixture.ts';
import { SyncFixture } from './sync-fixture.ts';

export interface Ref {
  readonly table: TableName;
  readonly id: string;
}

/** What an action does beside what all plans have. */
type Asked = {
  readonly [A in CascadePlan['action']]: Omit<Extract<CascadePlan, { action: A }>, keyof PlanCommon>;
}[CascadePlan['action']];

const BEHAVIOR: Partial<Record<CascadePlan['action'], RelationshipAction>> = {
  assign: 'Assign',
  delete: 'Delete',
  merge: 'Merge',
  share: 'Share',
  unshare: 'Unshare',
  reparent: 'Reparent',
};

/** A living record as it lies there. */
export interface Standing {
  readonly value: RecordValue;
  readonly shares: ShareSet;
}

export class AccessFixture {
  readonly host = new SyncFixture();
  readonly relationships = openRelationships(this.host.fixture.storage);

  async make(table: TableName, lookups: RecordValue['lookups'] = {}): Promise<Ref> {
    return { table, id: await this.host.fixture.make(table, lookups) };
  }

  /** A plan as the endpoints make it. */
  async plan({ table, id: recordId }: Ref, asked: Asked): Promise<CascadePlan> {
    const { action } = asked;
    const { fixture } = this.host;
    const behavior = BEHAVIOR[action];
    const common: PlanCommon = {
      ...{ jobId: randomUUID(), table, recordId, lanes: 1, by: 'admin', createdOn: new Date().toISOString() },
      formerOwnerId: (await fixture.records.find(table, recordId))?.value.ownerId ?? '',
      behaviors: behavior ? await this.relationships.behaviorsOf(behavior) : await this.#passing(),
    };
    // The members of an action and those of all plans make up its plan.
    return { ...common, ...asked } as CascadePlan;
  }

  share(root: Ref, principal: string, rights: readonly Right[] = ['Read']): Promise<CascadePlan> {
    return this.plan(root, { action: 'share', principal, rights });
  }

  async reparent(root: Ref, relationship: string, parentId: string | null): Promise<CascadePlan> {
    const { lookups } = await this.host.fixture.value(root.table, root.id);
    const targetTable = lookupsOf(root.table).find(({ name }) => name === relationship)?.parent;
    const formerParentId = lookups[relationship] ?? null;
    return this.plan(root, { action: 'reparent', relationship, parentId, formerParentId, targetTable });
  }

  async merge(root: Ref, subordinateId: string): Promise<CascadePlan> {
    const more = { content: {}, performParentingChecks: false, targetTable: root.table };
    const handsDown = { behaviors: await this.relationships.behaviorsOf('Reparent') };
    return this.plan(root, { action: 'merge', subordinateId, handsDown, ...more });
  }

  undo({ action, table, recordId, jobId, ...plan }: CascadePlan): Promise<CascadePlan> {
    const undoneAction = action === 'undo' && 'undoneAction' in plan ? plan.undoneAction : action;
    const other = 'subordinateId' in plan && plan.subordinateId ? { subordinateId: plan.subordinateId } : {};
    const asked = { action: 'undo', undoneJobId: jobId, undoneAction, ...other } as Asked;
    return this.plan({ table, id: recordId }, asked);
  }

  /** Begins a job in batches: identifies its set, and lists it. */
  async begin(plan: CascadePlan): Promise<void> {
    await this.host.ports.jobs.insert(newJob(plan, 'Administrator', 'async'));
    for (let cursor: string | undefined; ; ) {
      const outcome = await this.host.ports.cascadeRecords.identify(plan, cursor);
      if (outcome.waitsFor || outcome.blockers?.length) throw new Problem('conflict', 'It can’t be begun.');
      cursor = outcome.cursor;
      if (cursor === undefined) return;
    }
  }

  /** Applies some chunks, one at a time: `ended` once nothing is left or the set was broken, `waits` if it must wait. */
  async step(plan: CascadePlan, chunks = Number.POSITIVE_INFINITY): Promise<'ended' | 'open' | 'waits'> {
    for (let count = 0; count < chunks; count++) {
      const outcome = await this.host.ports.cascadeRecords.applyBatch(plan, 0, 1, allowed);
      if (outcome.kind === 'transient') return 'waits';
      if (outcome.kind !== 'applied' || outcome.drained) {
        const status = outcome.kind === 'applied' ? 'Completed' : 'Failed';
        await this.host.ports.jobs.change(plan.jobId, (job) => ({ job: { ...job, status } }));
        return 'ended';
      }
    }
    return 'open';
  }

  /** A job from its beginning to its end. */
  async run(plan: CascadePlan, mode: 'sync' | 'async' = 'async'): Promise<CascadePlan> {
    if (mode === 'sync') {
      await this.host.run(plan);
      return plan;
    }
    await this.begin(plan);
    const state = await this.step(plan);
    if (state !== 'ended') throw new Error(`The job ${state}`);
    return plan;
  }

  restore({ table, id }: Ref): Promise<unknown> {
    const { tables } = this.host.ports.store;
    return restoreRecord(tables, { table, id }, { by: 'admin', on: new Date().toISOString() });
  }

  async behave(name: string, action: 'Share' | 'Reparent', behavior: 'All' | 'Active' | 'UserOwned' | 'None') {
    const found = await this.relationships.find(name);
    if (!found) throw new Error(name);
    const { relationship, version: ifMatch } = found;
    const decide = (current: typeof relationship.defaults) => ({ ...current, [action]: behavior });
    await this.relationships.change({ relationship, decide, by: 'admin', ifMatch });
  }

  /** All of these records that live, by id. */
  async standing(refs: readonly Ref[]): Promise<Map<string, Standing>> {
    const { records } = this.host.fixture;
    const all = await Promise.all(
      refs.map(async ({ table, id }) => {
        const record = await records.find(table, id);
        if (!record || record.tombstone) return [];
        return [[id, { value: record.value, shares: (await findShares(records.tables, table, id)).set }] as const];
      }),
    );
    return new Map(all.flat());
  }

  /** Inherited rights that no path of holders leads to from their source: the whole of C25's bound, told by what lies there. */
  async sourceless(refs: readonly Ref[]): Promise<string[]> {
    const passing = await this.#passing();
    const standing = await this.standing(refs);
    const holds = (id: string, who: string, from: string, bit: number, path: readonly string[]): boolean => {
      const { value, shares } = standing.get(id) ?? {};
      const share = shares?.get(who);
      if (!value || !share || path.includes(id)) return false;
      if (id === from) return (share.direct & bit) !== 0;
      if (((share.inherited.get(from) ?? 0) & bit) === 0) return false;
      return lookupsOf(value.table).some(
        ({ name }) => passing[name] && holds(value.lookups[name] ?? '', who, from, bit, [...path, id]),
      );
    };
    return [...standing].flatMap(([id, { value, shares }]) =>
      [...shares].flatMap(([who, { inherited }]) =>
        [...inherited].flatMap(([from, mask]) => {
          const bits = Array.from({ length: 7 }, (_, at) => 1 << at).filter((bit) => (mask & bit) !== 0);
          return bits.every((bit) => holds(id, who, from, bit, []))
            ? []
            : [`${value.table} ${id}: ${who} from ${from}`];
        }),
      ),
    );
  }

  /** What records lack of what parents hold over relationships whose Reparent is All. */
  async lacking(refs: readonly Ref[]): Promise<string[]> {
    const reparent = await this.relationships.behaviorsOf('Reparent');
    const standing = await this.standing(refs);
    return [...standing].flatMap(([id, { value, shares }]) =>
      lookupsOf(value.table).flatMap(({ name }) => {
        const parentId = value.lookups[name] ?? '';
        const parent = standing.get(parentId);
        if (!parent || reparent[name] !== 'All') return [];
        const down = handedDown(parent.shares, parentId);
        return unionOf(shares, down) === shares ? [] : [`${value.table} ${id} under ${parentId}`];
      }),
    );
  }

  /** Rights of a user on a record, from all sources. */
  async maskOf({ table, id }: Ref, who: string): Promise<number> {
    const { set } = await findShares(this.host.fixture.records.tables, table, id);
    const { direct = 0, inherited = new Map<string, number>() } = set.get(who) ?? {};
    return [...inherited.values()].reduce((all, mask) => all | mask, direct);
  }

  /** Whether a user may read a record by its shares. */
  async reads(ref: Ref, who: string): Promise<boolean> {
    return ((await this.maskOf(ref, who)) & maskOf(['Read'])) !== 0;
  }

  async #passing(): Promise<PlanCommon['behaviors']> {
    const both = [await this.relationships.behaviorsOf('Share'), await this.relationships.behaviorsOf('Reparent')];
    return Object.fromEntries(both.flatMap((each) => Object.keys(each)).map((name) => [name, 'All']));
  }
}

/** Whether a fault is one that a caller is told of, and may try again. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Problem;
}
