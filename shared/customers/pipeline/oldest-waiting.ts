/** Since when operations wait on their way to headquarters; for who looks whether the jobs get on. */
import { MAX_PARALLEL, mapParallel } from '../../storage/parallel.ts';
import type { PendingCustomers } from '../headquarters/pending-customers.ts';
import type { Channels, StagedOperations } from '../ports.ts';
import type { UploadStates } from '../upload/upload-state.ts';

export interface OldestWaitingPorts {
  readonly channels: Pick<Channels, 'list'>;
  readonly staged: Pick<StagedOperations, 'readAfter'>;
  readonly uploads: Pick<UploadStates, 'cursor'>;
  readonly pending: Pick<PendingCustomers, 'waitingSince'>;
}

/** The times of what has waited longest (ISO 8601 UTC): for P-0001, and for the sync job. Undefined: nothing waits. */
export async function oldestWaiting({ channels, staged, uploads, pending }: OldestWaitingPorts): Promise<{
  readonly upload: string | undefined;
  readonly synchronization: string | undefined;
}> {
  const [staging, synchronization] = await Promise.all([
    mapParallel(await channels.list(), MAX_PARALLEL, async ({ id }) => {
      const [first] = await staged.readAfter(id, await uploads.cursor(id), 1);
      return first?.createdOn ?? [];
    }),
    pending.waitingSince(),
  ]);
  return { upload: staging.flat().sort()[0], synchronization };
}
