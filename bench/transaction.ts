import { randomUUID } from 'node:crypto';
import { startMemoryAzurite } from '../local/azurite/memory-azurite.ts';
import { bucketOf } from '../shared/records/record-ids.ts';
import { type RecordRow, recordTableName } from '../shared/records/record-row.ts';
import { RecordStore } from '../shared/records/record-store.ts';
import { openStorage } from '../shared/storage/storage.ts';
import type { Participant } from '../shared/transactions/participants.ts';
import { runTransaction } from '../shared/transactions/run-transaction.ts';
import { makeChildren } from './children.ts';
import { measureFloor } from './floor.ts';
import type { Round } from './report.ts';

/** Entity group transactions of a bare pass that are under way together: as many as a transaction releases together. */
const IN_FLIGHT = 8;
const DEADLINE_SECONDS = 60;

/**
 * One round: two bare passes over the rows, then a transaction that gives them to another owner: it locks each, commits, and
 * releases each. Reading the rows before is counted in neither.
 */
export async function transactionRound(count: number): Promise<Round> {
  const azurite = await startMemoryAzurite();
  try {
    const storage = openStorage({ connectionString: azurite.connectionString });
    const records = new RecordStore(storage);
    const { ids } = await makeChildren(records, count);
    const tables = { prefix: '', ids, inFlight: IN_FLIGHT };
    const first = await measureFloor(azurite.connectionString, tables);
    const floorMs = first + (await measureFloor(azurite.connectionString, tables));
    const participants = await toGive(records, ids);
    const { transactions } = records.tables.locks;
    const startMs = performance.now();
    await runTransaction(
      { storage, transactions },
      {
        id: randomUUID(),
        deadlineSeconds: DEADLINE_SECONDS,
        participants,
        decideAgain: ({ rowKey }) => {
          throw new Error(`Record ${rowKey} is nobody else's here`);
        },
      },
    );
    return { floorMs, ms: performance.now() - startMs };
  } finally {
    azurite.stop();
  }
}

async function toGive(records: RecordStore, ids: readonly string[]): Promise<Participant[]> {
  const table = recordTableName('contact');
  const wanted = new Set(ids);
  const modified = { modifiedBy: 'admin', modifiedOn: new Date().toISOString(), version: 3 };
  const participants: Participant[] = [];
  for await (const { rowKey, etag } of records.tables.rows('contact').rows<RecordRow>({ select: ['version'] })) {
    if (!wanted.has(rowKey)) continue;
    const set = { ownerId: 'ann', ...modified };
    participants.push({ kind: 'change', table, partitionKey: bucketOf(rowKey), rowKey, etag, set });
  }
  return participants;
}
