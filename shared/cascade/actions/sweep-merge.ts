/** Takes along what came under the subordinate of a merge after its set was identified. */
import { relationshipsUnder } from '../../catalogue/relationships.ts';
import type { TableName } from '../../catalogue/tables.ts';
import { Problem } from '../../problem.ts';
import { type Seed, settleTree } from '../../records/shares/settle-tree.ts';
import { StorageRefused } from '../../storage/storage-errors.ts';
import type { AnnounceServices, PlanOf } from './action-rule.ts';

const HINTS_PER_READ = 100;

/**
 * Moves records that are under the subordinate, now that it is inactive, one by one: those that were made or changed since
 * the job was made, as the others were passed over. One that storage refuses stays. Gives why it can't be done now;
 * undefined once it is done.
 */
export async function sweepMerge(
  { recordStore }: AnnounceServices,
  plan: PlanOf<'merge'>,
  on: string,
): Promise<string | undefined> {
  const { table, subordinateId, recordId, behaviors, by, createdOn } = plan;
  const moved: Seed[] = [];
  const move = async (name: string, child: TableName, ids: readonly string[]) => {
    for (const record of await recordStore.findMany(child, ids)) {
      if (!record || record.tombstone || record.value.lookups[name] !== subordinateId) continue;
      const { id, modifiedOn } = record.value;
      if (modifiedOn < createdOn) continue;
      await recordStore.change(child, id, { lookups: { [name]: recordId } }, { by, on }).catch(passOver);
      moved.push({ table: child, id, newLinks: [name] });
    }
  };
  try {
    for (const { name, child } of relationshipsUnder(table)) {
      if (behaviors[name] !== 'All') continue;
      let ids: string[] = [];
      for await (const { childId } of recordStore.hints(name).of(subordinateId)) {
        ids.push(childId);
        if (ids.length < HINTS_PER_READ) continue;
        await move(name, child, ids);
        ids = [];
      }
      await move(name, child, ids);
    }
    await settleTree(recordStore.tables, moved);
    return undefined;
  } catch (error) {
    if (error instanceof Problem && error.slug === 'locked') return error.message;
    throw error;
  }
}

/** What storage won't have, or is gone by now, stays where it is. */
function passOver(error: unknown): void {
  if (error instanceof StorageRefused || (error instanceof Problem && error.slug === 'not-found')) return;
  throw error;
}
