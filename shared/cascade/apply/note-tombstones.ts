import type { TombstoneIndex } from '../../records/tombstones.ts';
import type { Chunk } from '../chunks/chunk-rows.ts';
import type { CascadePlan } from '../plans.ts';

/** Notes where tombstones are about to lie, so that they are purged one day. To be done before they are written. */
export function noteTombstones(
  { tombstones }: { readonly tombstones: TombstoneIndex },
  { jobId }: Pick<CascadePlan, 'jobId'>,
  chunks: readonly Pick<Chunk, 'table' | 'key' | 'records'>[],
  on: string,
): Promise<void> {
  const entries = chunks.map(({ table, key, records }) => ({ table, key, ids: records.map(({ id }) => id) }));
  return tombstones.note(on, jobId, entries);
}
