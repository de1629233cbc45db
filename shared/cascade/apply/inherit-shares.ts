/**
 * The inherited rights of records that were decided on, by what their parents hold as their turn comes: the one place where
 * all actions get them from, in batches, in transactions and inside plug-ins. To be called after the hints of moved records
 * were put, and before anything of the records is written.
 *
 *  INHERIT-1  Parents are looked at as they are now, whatever was so when the job was made; those that the same transaction changes,
 *      as they will be.
 *  INHERIT-2  A parent's row of shares is read before the record is written, and looked at again after that (`Inheriting.settleMoved`),
 *      before the record counts as done: whoever changed it meanwhile lists its children after its own write, and one of the
 *      two sees the other.
 *  INHERIT-3  Nothing is taken away by what was read of a parent before the record itself: it may have got the right since.
 */
import type { TableName } from '../../catalogue/tables.ts';
import type { RecordTables } from '../../records/record-tables.ts';
import { bound, owed, owedAlways, type ParentRights } from '../../records/shares/inheritance.ts';
import { ParentReader } from '../../records/shares/parent-reader.ts';
import { type Seed, type Settled, settleTree } from '../../records/shares/settle-tree.ts';
import { NO_ROW } from '../../records/shares/share-rows.ts';
import { type ShareSet, unionOf } from '../../records/shares/share-set.ts';
import { findManyShares } from '../../records/shares/shares.ts';
import type { AccessChange, CurrentRecord } from '../actions/action-rule.ts';
import { toHeir } from '../actions/heirs.ts';
import { ruleOf } from '../actions/rules.ts';
import { writeShares } from '../actions/write-shares.ts';
import type { Marker } from '../chunks/marker-rows.ts';
import { sharesChangedBy } from '../chunks/marker-rows.ts';
import type { CascadePlan } from '../plans.ts';
import type { Decided } from './write-part.ts';

interface Following {
  readonly at: number;
  readonly current: CurrentRecord;
  readonly access: AccessChange;
}

/** What records that are decided on together inherit; it keeps what it has read of their parents. */
export class Inheriting {
  readonly parents: ParentReader;
  readonly #tables: RecordTables;
  readonly #plan: CascadePlan;
  #isNear: boolean;
  /** Says what parents are meant to hold, once. */
  #meant: Promise<boolean> | undefined;
  /** Records whose rights depend on parents that were read. */
  readonly #given: Seed[] = [];
  /** Records that somebody else wrote, perhaps a batch that was cut off. */
  readonly #unsure: Seed[] = [];

  /** `isNear`: the job has changed somebody's shares already, so that what only follows may follow. */
  constructor(tables: RecordTables, plan: CascadePlan, isNear: boolean) {
    this.#tables = tables;
    this.#plan = plan;
    this.parents = new ParentReader(tables, ruleOf(plan).parents?.(plan) ?? {});
    this.#isNear = isNear;
  }

  /** The decisions with what becomes of inherited rights. */
  async inherit(table: TableName, decided: readonly Decided[]): Promise<Decided[]> {
    const candidates = decided.flatMap(({ current, decision }, at): Following[] => {
      const access = decision.kind === 'write' || decision.kind === 'keep' ? decision.access : undefined;
      return access && current && !current.isAsFound ? [{ at, current, access }] : [];
    });
    if (candidates.length === 0) return [...decided];
    const isNear = await this.#looksNear();
    const following = candidates.filter(({ access }) => isNear || !access.follows);
    if (following.length === 0) return [...decided];
    const unread = following.flatMap(({ current }) => (current.shares ? [] : [current.id]));
    const stored = ruleOf(this.#plan).readsShares(this.#plan)
      ? undefined
      : await findManyShares(this.#tables, table, unread);
    const setOf = ({ decision }: Decided) => (decision.kind === 'write' ? decision.set : {});
    const heirs = following.map(({ at, current }) => toHeir(table, current, decided[at] && setOf(decided[at])));
    const beforeOf = ({ current }: Following) => current.shares ?? stored?.get(current.id) ?? NO_ROW;
    const parents = await this.parents.parentsOf(heirs);
    const isLosing = (each: Following) => {
      const { set } = beforeOf(each);
      return bound(each.current.id, set, parents.get(each.current.id) ?? []) !== set;
    };
    const losing = new Set(following.filter(isLosing).map(({ current }) => current.id));
    const fresh = await this.parents.anew().parentsOf(heirs.filter(({ id }) => losing.has(id)));
    const outcome = [...decided];
    for (const each of following) {
      const { at, current, access } = each;
      const { id } = current;
      const [before, above] = [beforeOf(each), fresh.get(id) ?? parents.get(id) ?? []];
      const set = bound(id, unionOf(access.propose?.(before.set) ?? before.set, dueTo(id, access, above)), above);
      this.#given.push({ table, id, newLinks: access.owing === 'always' ? [] : access.owing });
      const record = outcome[at];
      if (record) outcome[at] = withShares(record, writeShares(id, before, set));
    }
    return outcome;
  }

  /** Says what records will hold once the transaction at hand counts, for those below them. */
  mean(table: TableName, decided: readonly Decided[]): void {
    for (const { id, decision } of decided) {
      const set = decision.kind === 'write' ? decision.shares : undefined;
      if (!set) continue;
      this.parents.mean(table, id, set);
      this.#isNear = true;
    }
  }

  /** Takes note of records that were found applied: whether their parents held still then, nobody knows. */
  noteApplied(table: TableName, { records }: Marker): void {
    const touched = records.filter(({ changes }) => sharesChangedBy(changes));
    this.#unsure.push(...touched.map(({ id }) => ({ table, id, newLinks: [] })));
  }

  /** Puts right what was written while others changed its parents; gives what was. */
  async settleMoved(): Promise<Settled[]> {
    if (this.#given.length === 0 && this.#unsure.length === 0) return [];
    const moved = this.#given.length > 0 ? await this.parents.changed() : new Set();
    return settleTree(this.#tables, moved.size > 0 ? [...this.#given, ...this.#unsure] : this.#unsure);
  }

  async #looksNear(): Promise<boolean> {
    this.#meant ??= ruleOf(this.#plan).meant?.(this.#plan, this.parents) ?? Promise.resolve(false);
    return (await this.#meant) || this.#isNear;
  }
}

function dueTo(id: string, { owing }: AccessChange, above: readonly ParentRights[]): ShareSet {
  if (owing === 'always') return owedAlways(id, above);
  return owed(
    id,
    above.filter(({ relationship }) => owing.includes(relationship)),
  );
}

function withShares(record: Decided, shares: ReturnType<typeof writeShares>): Decided {
  const { decision } = record;
  if (decision.kind !== 'write' && decision.kind !== 'keep') return record;
  const write =
    decision.kind === 'write' ? decision : ({ kind: 'write', set: {}, bumpsVersion: false, changes: [] } as const);
  if (shares) return { ...record, decision: { ...write, ...shares, changes: [...write.changes, ...shares.changes] } };
  const isNothing = Object.keys(write.set).length === 0 && !write.bumpsVersion && write.changes.length === 0;
  return isNothing ? { ...record, decision: { kind: 'keep' } } : record;
}
