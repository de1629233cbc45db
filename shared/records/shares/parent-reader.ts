/**
 * Reads what the parents of records hold. A reader keeps what it has read, for records that are decided on together, and
 * tells afterwards which of it has changed meanwhile: whoever gives rights writes first and asks then.
 *
 *  PARENT-1  As a rule a parent's own row is believed: it was bounded when it was written. Where records of a table can lie under
 *      one another, or `deep` is asked for, each parent is bounded by its own parents, up to the source; a way that comes
 *      back to itself bears nothing out, so no circle of parents keeps a right alive.
 *  PARENT-2  Behaviours are read only where a parent has shares, its record only where that counts.
 */
import { type Behavior, lookupsOf, relationshipsUnder } from '../../catalogue/relationships.ts';
import type { TableName } from '../../catalogue/tables.ts';
import { groupBy, MAX_PARALLEL, mapParallel } from '../../storage/parallel.ts';
import { isReached } from '../reach.ts';
import type { RecordValue } from '../record.ts';
import type { RecordTables } from '../record-tables.ts';
import { bound, type ParentRights } from './inheritance.ts';
import { NO_ROW, type StoredShares } from './share-rows.ts';
import { NO_SHARES, type ShareSet } from './share-set.ts';
import { findManyShares } from './shares.ts';

/** A record that inherits, with its lookups as they are to be. */
export type Heir = Pick<RecordValue, 'table' | 'id' | 'ownerId' | 'state' | 'lookups'>;

interface Parent {
  readonly table: TableName;
  readonly id: string;
  readonly stored: StoredShares;
  /** What it will hold, where that is decided on already. */
  meant?: ShareSet;
  /** Read where it is bounded by its own parents; null when it doesn't live. */
  record?: Heir | null;
}

/** How parents are looked at. */
export interface ParentReaderOptions {
  /** Each parent is bounded by its own parents too (PARENT-1). */
  readonly deep?: boolean;
  /** A relationship that counts as one that passes nothing on. */
  readonly cut?: string;
}

/** What the parents of some records hold, as it was when it was first asked for. */
export class ParentReader {
  readonly #tables: RecordTables;
  readonly #options: ParentReaderOptions;
  readonly #parents = new Map<string, Parent>();
  readonly #owners = new Map<string, string>();
  #behaviors: Promise<{ readonly share: Behaviors; readonly reparent: Behaviors }> | undefined;

  constructor(tables: RecordTables, options: ParentReaderOptions = {}) {
    this.#tables = tables;
    this.#options = options;
  }

  /** A reader that has read nothing yet; it knows what parents are meant to hold. */
  anew(): ParentReader {
    const other = new ParentReader(this.#tables, this.#options);
    for (const { table, id, meant } of this.#parents.values()) if (meant) other.mean(table, id, meant);
    return other;
  }

  /** Says what a parent will hold once the change at hand counts. */
  mean(table: TableName, id: string, set: ShareSet): void {
    const key = keyOf(table, id);
    this.#parents.set(key, { ...(this.#parents.get(key) ?? { table, id, stored: NO_ROW }), meant: set });
  }

  /** The shares of one record, kept like those of a parent. */
  async sharesOf(table: TableName, id: string): Promise<StoredShares> {
    await this.#load([{ table, id }]);
    return this.#parents.get(keyOf(table, id))?.stored ?? NO_ROW;
  }

  /** The parents of each record, by its id. */
  async parentsOf(records: readonly Heir[]): Promise<Map<string, readonly ParentRights[]>> {
    await this.#loadAbove(records);
    if (![...this.#parents.values()].some(hasRights)) return new Map(records.map(({ id }) => [id, []]));
    this.#behaviors ??= readBehaviors(this.#tables);
    const { share, reparent } = await this.#behaviors;
    await this.#loadOwners(records, reparent);
    const linksOf = (heir: Heir, path: readonly string[]): ParentRights[] =>
      linked(heir).flatMap(({ relationship, table, parentId }) => {
        const key = keyOf(table, parentId);
        const parent = this.#parents.get(key);
        if (!parent || path.includes(key)) return [];
        const isCut = this.#options.cut === relationship;
        const behavior = isCut ? 'None' : (reparent[relationship] ?? 'None');
        return [
          {
            ...{ relationship, parentId, rights: rightsOf(parent, [...path, key]) },
            passes: behavior !== 'None' || (!isCut && (share[relationship] ?? 'None') !== 'None'),
            owesAlways: behavior === 'All',
            owesNow: isReached(behavior, heir, this.#owners.get(key) ?? ''),
          },
        ];
      });
    const rightsOf = ({ id, stored, meant, record }: Parent, path: readonly string[]): ShareSet => {
      if (record === null) return NO_SHARES;
      const set = meant ?? stored.set;
      return record && set.size > 0 ? bound(id, set, linksOf(record, path)) : set;
    };
    return new Map(records.map((heir) => [heir.id, linksOf(heir, [keyOf(heir.table, heir.id)])]));
  }

  /** The parents whose stored shares are not any more as they were read, as `table|id`. */
  async changed(): Promise<ReadonlySet<string>> {
    const read = [...this.#parents.values()].filter(({ meant }) => meant === undefined);
    const changed = new Set<string>();
    for (const group of groupBy(read, ({ table }) => table)) {
      const table = group[0]?.table;
      if (!table) continue;
      const now = await findManyShares(
        this.#tables,
        table,
        group.map(({ id }) => id),
      );
      for (const { id, stored } of group) {
        if ((now.get(id) ?? NO_ROW).etag !== stored.etag) changed.add(keyOf(table, id));
      }
    }
    return changed;
  }

  async #loadAbove(records: readonly Heir[]): Promise<void> {
    for (let level: readonly Heir[] = records; level.length > 0; ) {
      const above = level.flatMap((heir) => linked(heir).map(({ table, parentId }) => ({ table, id: parentId })));
      const read = await this.#load(above);
      const bounded = read.filter((parent) => hasRights(parent) && (this.#options.deep || isOnCircle(parent.table)));
      const found = await mapParallel(
        groupBy(bounded, ({ table }) => table),
        MAX_PARALLEL,
        async (group) => {
          const [first] = group;
          const ids = group.map(({ id }) => id);
          return first ? this.#tables.findMany(first.table, ids) : [];
        },
      );
      const living = new Map(
        found
          .flat()
          .flatMap((each) => (each && !each.tombstone ? [[keyOf(each.value.table, each.value.id), each.value]] : [])),
      );
      for (const parent of bounded) parent.record = living.get(keyOf(parent.table, parent.id)) ?? null;
      level = [...living.values()];
    }
  }

  /** Reads the shares of those that weren't read yet; gives these. */
  async #load(wanted: readonly Pick<Parent, 'table' | 'id'>[]): Promise<Parent[]> {
    const open = wanted.filter(({ table, id }) => !this.#parents.has(keyOf(table, id)));
    const distinct = [...new Map(open.map((each) => [keyOf(each.table, each.id), each])).values()];
    const read = await mapParallel(
      groupBy(distinct, ({ table }) => table),
      MAX_PARALLEL,
      async (group): Promise<Parent[]> => {
        const [first] = group;
        if (!first) return [];
        const ids = group.map(({ id }) => id);
        const shares = await findManyShares(this.#tables, first.table, ids);
        return group.map(({ table, id }) => ({ table, id, stored: shares.get(id) ?? NO_ROW }));
      },
    );
    for (const parent of read.flat()) {
      const key = keyOf(parent.table, parent.id);
      // What was read first is what others have decided by.
      if (!this.#parents.has(key)) this.#parents.set(key, parent);
    }
    return distinct.flatMap(({ table, id }) => this.#parents.get(keyOf(table, id)) ?? []);
  }

  /** Owners of parents count where Reparent is UserOwned. */
  async #loadOwners(records: readonly Heir[], reparent: Behaviors): Promise<void> {
    const wanted = records.flatMap((heir) =>
      linked(heir).filter(({ relationship, table, parentId }) => {
        const parent = this.#parents.get(keyOf(table, parentId));
        return reparent[relationship] === 'UserOwned' && parent && hasRights(parent);
      }),
    );
    const open = new Map(wanted.map((link) => [keyOf(link.table, link.parentId), link]));
    await mapParallel([...open], MAX_PARALLEL, async ([key, { table, parentId }]) => {
      if (this.#owners.has(key)) return;
      this.#owners.set(key, (await this.#tables.find(table, parentId))?.value.ownerId ?? '');
    });
  }
}

type Behaviors = Readonly<Record<string, Behavior>>;

async function readBehaviors({ relationships }: RecordTables) {
  const [share, reparent] = await Promise.all([
    relationships.behaviorsOf('Share'),
    relationships.behaviorsOf('Reparent'),
  ]);
  return { share, reparent };
}

function linked({ table, lookups }: Heir) {
  return lookupsOf(table).flatMap(({ name: relationship, parent }) => {
    const parentId = lookups[relationship];
    return parentId === undefined ? [] : [{ relationship, table: parent, parentId }];
  });
}

function hasRights({ stored, meant }: Parent): boolean {
  return (meant ?? stored.set).size > 0;
}

/** Whether records of a table can lie under records of the same table, over whatever lies between. */
function isOnCircle(table: TableName): boolean {
  const below = new Set<TableName>();
  const open: TableName[] = [table];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const { child } of relationshipsUnder(next)) {
      if (child === table) return true;
      if (!below.has(child)) open.push(child);
      below.add(child);
    }
  }
  return false;
}

function keyOf(table: TableName, id: string): string {
  return `${table}|${id}`;
}
