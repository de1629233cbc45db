import type { StoredRecord } from '../../records/record.ts';
import type { RecordStore } from '../../records/record-store.ts';

/** Merges in a row that are followed; more than that is a circle. */
const MAX_MERGES = 50;

/**
 * The account that a merged one stands for now, over all merges since; undefined for an account that wasn't merged. What
 * it is merged into may be deleted.
 */
export async function masterOf(
  records: Pick<RecordStore, 'find'>,
  account: StoredRecord,
): Promise<StoredRecord | undefined> {
  let current = account;
  for (let merges = 0; merges < MAX_MERGES; merges++) {
    const { state, columns } = current.value;
    const { masterId } = columns;
    if (current.tombstone || state === 'Active' || typeof masterId !== 'string' || masterId === '') break;
    const master = await records.find('account', masterId);
    if (!master) break;
    current = master;
  }
  return current === account ? undefined : current;
}
