import { randomUUID } from 'node:crypto';
import { startMemoryAzurite } from '../local/azurite/memory-azurite.ts';
import { createCascadeRecords } from '../shared/cascade/cascade-records.ts';
import { chunksOf, FIRST_PACE } from '../shared/cascade/jobs/batch-pace.ts';
import type { CascadePlan } from '../shared/cascade/plans.ts';
import { RecordStore } from '../shared/records/record-store.ts';
import { openRelationships } from '../shared/records/relationships/relationship-store.ts';
import { openStorage } from '../shared/storage/storage.ts';
import { makeChildren } from './children.ts';
import { measureFloor } from './floor.ts';
import type { Round } from './report.ts';

const LANES = 4;
/** Transactions that the lanes have under way at the same time, four each. */
export const IN_FLIGHT = 16;

/** One round: the floor, then an Assign's batches over the same rows, both in milliseconds. */
export async function applyRound(children: number): Promise<Round> {
  const azurite = await startMemoryAzurite();
  try {
    const storage = openStorage({ connectionString: azurite.connectionString });
    const records = new RecordStore(storage);
    const { accountId, ids } = await makeChildren(records, children);
    const floorMs = await measureFloor(azurite.connectionString, { prefix: '', ids, inFlight: IN_FLIGHT });
    const cascade = createCascadeRecords({ storage, recordStore: records });
    const plan: CascadePlan = {
      action: 'assign',
      jobId: randomUUID(),
      table: 'account',
      recordId: accountId,
      ownerId: 'ann',
      formerOwnerId: 'admin',
      lanes: LANES,
      by: 'admin',
      behaviors: await openRelationships(storage).behaviorsOf('Assign'),
      createdOn: new Date().toISOString(),
    };
    let cursor: string | undefined;
    do cursor = (await cascade.identify(plan, cursor)).cursor;
    while (cursor !== undefined);
    const startMs = performance.now();
    await Promise.all(Array.from({ length: LANES }, (_, lane) => drain(cascade, plan, lane)));
    return { floorMs, ms: performance.now() - startMs };
  } finally {
    azurite.stop();
  }
}

async function drain(cascade: ReturnType<typeof createCascadeRecords>, plan: CascadePlan, lane: number): Promise<void> {
  for (;;) {
    const outcome = await cascade.applyBatch(plan, lane, chunksOf(FIRST_PACE), async () => undefined);
    if (outcome.kind !== 'applied') throw new Error(`A batch came to ${JSON.stringify(outcome)}`);
    if (outcome.drained) return;
  }
}
