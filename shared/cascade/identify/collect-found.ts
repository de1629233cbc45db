import { isTableName, type TableName } from '../../catalogue/tables.ts';
import { Problem } from '../../problem.ts';
import { ruleOf } from '../actions/rules.ts';
import { rankOf } from '../chunks/chunk-rows.ts';
import { cutChunks } from '../chunks/cut-chunks.ts';
import type { CascadePlan } from '../plans.ts';
import { BufferedFound } from './buffered-found.ts';
import type { FoundAt, FoundRecord } from './found-records.ts';
import { beginIdentifying, continueIdentifying } from './identify.ts';
import type { ChunkCursor, IdentifyCursor } from './identify-cursor.ts';
import type { IdentifyPorts } from './identify-ports.ts';

interface Listed {
  readonly table: TableName;
  readonly record: FoundRecord;
}

/** Found records in memory, and how many they are. */
class CountedFound extends BufferedFound {
  readonly seen = new Set<string>();

  constructor() {
    super({ put: () => Promise.reject(new Error('A cascade inside a plug-in stores nothing')) });
  }

  override put(at: FoundAt, found: readonly FoundRecord[]): Promise<void> {
    for (const { id } of found) this.seen.add(`${at.table}|${id}`);
    return super.put(at, found);
  }
}

/**
 * The records under a root, itself included, each once, in the order of the plan's action. Throws Problem conflict where
 * related records forbid it, and rule-broken where there are more than `limit`.
 */
export async function collectFound(
  services: Pick<IdentifyPorts, 'storage' | 'recordStore' | 'fencing'>,
  plan: CascadePlan,
  limit: number,
): Promise<Listed[]> {
  const found = new CountedFound();
  const identifying = { ...services, found };
  const budget = { spend: () => {}, isSpent: () => found.seen.size > limit };
  let cursor: IdentifyCursor = await beginIdentifying(identifying, plan);
  while (cursor.phase !== 'chunk') {
    if (budget.isSpent()) throw tooMany(plan, limit);
    const identified = await continueIdentifying(identifying, plan, cursor, budget);
    const which = identified.blockers.map(({ relationship, count }) => `${count} by ${relationship}`).join(', ');
    if (which !== '') throw new Problem('conflict', `Related records forbid it: ${which}.`);
    cursor = identified.cursor;
  }
  if (found.seen.size > limit) throw tooMany(plan, limit);
  return inOrder(plan, found, cursor);
}

async function inOrder(plan: CascadePlan, found: CountedFound, { tables }: ChunkCursor): Promise<Listed[]> {
  const { order } = ruleOf(plan);
  const listed: { rank: string; table: TableName; record: FoundRecord }[] = [];
  for (const table of tables.filter(isTableName)) {
    for await (const { parts } of found.records(table)) {
      for (const { level, isChange, records } of cutChunks(parts, order)) {
        const rank = rankOf(level, order, isChange);
        for (const record of records) listed.push({ rank, table, record });
      }
    }
  }
  return listed.sort((a, b) => Number(a.rank > b.rank) - Number(a.rank < b.rank));
}

function tooMany({ table, recordId }: CascadePlan, limit: number): Problem {
  return new Problem(
    'rule-broken',
    `More than ${limit} records would follow the ${table} ${recordId}: too many for a plug-in. Have a person or a job of its own do it.`,
  );
}
