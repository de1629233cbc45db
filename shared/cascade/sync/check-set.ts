import { Problem } from '../../problem.ts';
import type { RecordStore } from '../../records/record-store.ts';
import { checkShared } from '../apply/check-shared.ts';
import type { Chunk } from '../chunks/chunk-rows.ts';
import type { CascadePlan } from '../plans.ts';
import type { CheckPrivileges } from '../ports.ts';

/** Throws Problem forbidden when the user of a plan may not do its action to all records of the set. */
export async function checkSet(
  recordStore: RecordStore,
  plan: CascadePlan,
  chunks: readonly Chunk[],
  check: CheckPrivileges,
): Promise<void> {
  const { refused } = await checkShared(recordStore, plan, check, chunks);
  if (!refused) return;
  const [missing] = refused.missing;
  throw new Problem('forbidden', `${refused.text} Nothing was changed.`, {
    extra: { jobId: plan.jobId, ...(missing && { privilege: missing.privilege, table: missing.table }) },
  });
}
