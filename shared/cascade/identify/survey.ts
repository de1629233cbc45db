/** Looks at what an action would touch, as identifying does, and leaves no trace. */
import type { TableName } from '../../catalogue/tables.ts';
import type { RecordRow } from '../../records/record-row.ts';
import type { CascadePlan } from '../plans.ts';
import type { Blocker, Survey } from '../ports.ts';
import { BufferedFound } from './buffered-found.ts';
import type { FoundRecords } from './found-records.ts';
import { beginIdentifying, continueIdentifying, type IdentifyServices, mergeBlockers } from './identify.ts';
import type { IdentifyCursor } from './identify-cursor.ts';

export const DEFAULT_LIMIT = 50_000;

/** Looks from the root on until nothing is left or `limit` parents and hints were looked at. */
export async function survey(services: IdentifyServices, plan: CascadePlan, limit: number): Promise<Survey> {
  let spent = 0;
  const budget = {
    spend: (rows: number) => {
      spent += rows;
    },
    isSpent: () => spent >= limit,
  };
  const seen = new Sightings(plan.by);
  const identifying = { ...services, found: new BufferedFound(NOWHERE), observe: seen.note };
  let cursor: IdentifyCursor = await beginIdentifying(identifying, plan);
  let blockers: readonly Blocker[] = [];
  while (cursor.phase !== 'chunk' && !budget.isSpent()) {
    const identified = await continueIdentifying(identifying, plan, cursor, budget);
    blockers = mergeBlockers(blockers, identified.blockers);
    cursor = identified.cursor;
  }
  return { complete: cursor.phase === 'chunk', blockers, ...seen.summary() };
}

/** A survey never fills up what would have to be stored. */
const NOWHERE: Pick<FoundRecords, 'put'> = { put: () => Promise.reject(new Error('A survey stores nothing')) };

/** Counts records once, however many paths lead to them. */
class Sightings {
  readonly #by: string;
  readonly #tables = new Map<TableName, Set<string>>();
  readonly #relationships = new Map<string, Set<string>>();
  readonly #foreign = new Set<TableName>();
  #inactive = 0;

  constructor(by: string) {
    this.#by = by;
  }

  readonly note = (table: TableName, row: RecordRow, relationship: string | undefined): void => {
    if (relationship !== undefined) add(this.#relationships, relationship, row.rowKey);
    if (!add(this.#tables, table, row.rowKey)) return;
    if (row.state === 'Inactive') this.#inactive++;
    if (row.ownerId !== this.#by) this.#foreign.add(table);
  };

  summary(): Omit<Survey, 'complete' | 'blockers'> {
    const tables = [...this.#tables.keys()];
    const byTable = sizes(this.#tables);
    return {
      total: Object.values(byTable).reduce((sum, count) => sum + count, 0),
      byTable,
      byRelationship: sizes(this.#relationships),
      inactive: this.#inactive,
      ownTables: tables.filter((table) => !this.#foreign.has(table)),
    };
  }
}

function add<K>(sets: Map<K, Set<string>>, key: K, id: string): boolean {
  const set = sets.get(key) ?? new Set();
  sets.set(key, set);
  return !set.has(id) && Boolean(set.add(id));
}

function sizes(sets: ReadonlyMap<string, ReadonlySet<string>>): Record<string, number> {
  return Object.fromEntries([...sets].map(([name, { size }]) => [name, size]));
}
