import { relationshipsUnder } from '../../catalogue/relationships.ts';
import type { RecordStore } from '../../records/record-store.ts';
import { MAX_PARALLEL, mapParallel } from '../../storage/parallel.ts';
import type { Chunk } from '../chunks/chunk-rows.ts';

/**
 * Records of chunks that still have something under them: what the job was told to pass over keeps its parents, up to the
 * root. Looks at each hint, so it is asked only once something was passed over.
 */
export async function findStillParents(recordStore: RecordStore, chunks: readonly Chunk[]): Promise<Set<string>> {
  const candidates = chunks.flatMap(({ table, records: found }) =>
    found.flatMap(({ id, effect }) => (effect === 'change' ? [{ table, id }] : [])),
  );
  const parents = await mapParallel(candidates, MAX_PARALLEL, async ({ table, id }) => {
    for (const { name, child } of relationshipsUnder(table)) {
      const ids: string[] = [];
      for await (const { childId } of recordStore.hints(name).of(id)) ids.push(childId);
      const children = await recordStore.findMany(child, ids);
      if (children.some((record) => record && !record.tombstone && record.value.lookups[name] === id)) return [id];
    }
    return [];
  });
  return new Set(parents.flat());
}
