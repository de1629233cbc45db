import type { TableName } from '../catalogue/tables.ts';
import { BufferedFound } from './buffered-found.ts';
import type { FoundAt, FoundRecord } from './found-records.ts';
import { beginWalk, goOn } from './identify.ts';
import type { IdentifyCursor } from './identify-cursor.ts';
import type { CascadePlan } from './ports.ts';
import type { WalkServices } from './walk-leg.ts';

interface Listed {
  readonly table: TableName;
  readonly record: FoundRecord;
}

/** Found records in memory, and as a list in the order in which they were found. */
class ListedFound extends BufferedFound {
  readonly listed = new Map<string, Listed>();

  constructor() {
    super({ put: () => Promise.reject(new Error('A cascade inside a plug-in stores nothing')) });
  }

  override put(at: FoundAt, found: readonly FoundRecord[]): Promise<void> {
    for (const record of found) this.listed.set(`${at.table}|${record.id}`, { table: at.table, record });
    return super.put(at, found);
  }
}

/** The records under a root, itself included, root first; undefined when there are more than `limit`. */
export async function collectFound(
  services: Pick<WalkServices, 'storage' | 'records'>,
  plan: CascadePlan,
  limit: number,
): Promise<Listed[] | undefined> {
  const found = new ListedFound();
  const walk = { ...services, found };
  const budget = { spend: () => {}, isSpent: () => found.listed.size > limit };
  let cursor: IdentifyCursor = await beginWalk(walk, plan);
  while (cursor.phase !== 'chunk') {
    if (budget.isSpent()) return undefined;
    cursor = (await goOn(walk, plan, cursor, budget)).cursor;
  }
  return found.listed.size > limit ? undefined : [...found.listed.values()];
}
