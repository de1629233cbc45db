import type { TableName } from '../../catalogue/tables.ts';
import { BufferedFound } from '../identify/buffered-found.ts';
import { beginIdentifying, continueIdentifying, type IdentifyServices } from '../identify/identify.ts';
import type { IdentifyCursor } from '../identify/identify-cursor.ts';
import type { CascadePlan } from '../plans.ts';
import type { DecidedChunk } from './decide-set.ts';
import { type Difference, differed } from './differences.ts';

const NO_LIMIT = { spend: () => undefined, isSpent: () => false };
const NOWHERE = { put: () => Promise.reject(new Error('A comparison stores nothing')) };

/** Identifies from the root again and throws the Problem of records that came to the set, or left it, since it was identified. */
export async function compareSet(
  services: Omit<IdentifyServices, 'observe'>,
  plan: CascadePlan,
  set: readonly DecidedChunk[],
): Promise<void> {
  const missing = new Map<string, TableName>();
  for (const { chunk } of set) for (const { id } of chunk.records) missing.set(id, chunk.table);
  const known = new Set(missing.keys());
  const differences: Difference[] = [];
  const observe = (table: TableName, { rowKey: recordId }: { readonly rowKey: string }) => {
    missing.delete(recordId);
    if (known.has(recordId)) return;
    known.add(recordId);
    differences.push({ table, recordId, name: 'set', was: null, is: 'in' });
  };
  const identifying = { ...services, found: new BufferedFound(NOWHERE), observe };
  let cursor: IdentifyCursor = await beginIdentifying(identifying, plan);
  while (cursor.phase !== 'chunk') cursor = (await continueIdentifying(identifying, plan, cursor, NO_LIMIT)).cursor;
  for (const [recordId, table] of missing) differences.push({ table, recordId, name: 'set', was: 'in', is: null });
  if (differences.length > 0) throw differed(plan.jobId, differences);
}
