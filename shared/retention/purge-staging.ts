/**
 * Purging applied customer operations, in the channels' stores and at headquarters.
 *
 *  PURGE-1  An operation goes only when it is Completed, and the channel's copy of the customer includes it and the
 *      channel holds it no more beside that copy: then nobody asks for it but by its id. A Discarded one goes once it has been so for as long.
 *  PURGE-2  Headquarters' row goes first, then the list's, the channel's last: it leads a later round to what a death has
 *      left. A row that headquarters lacks although the upload is past it was purged before.
 *  PURGE-3  Heads and markers of requests stay (STAGE-3 and STAGE-4 of shared/customers/staging/staging.ts stand on
 *      them).
 */
import type { ChannelCustomers, StoredCustomer } from '../customers/channel/customers.ts';
import type { StagedOperation } from '../customers/customer-operation.ts';
import { OPERATION_LIST_TABLE, operationEntry } from '../customers/headquarters/operation-index.ts';
import type { StagingTables } from '../customers/headquarters/staging-tables.ts';
import type { StoredOperation } from '../customers/headquarters/stored-operation.ts';
import type { Channels } from '../customers/ports.ts';
import {
  fromOperationRow,
  HEAD,
  type HeadRow,
  isFull,
  OPERATIONS_END,
  type OperationRow,
  operationRowKey,
  STAGED_TABLE,
  segmentPartition,
} from '../customers/staging/staging-format.ts';
import type { UploadStates } from '../customers/upload/upload-state.ts';
import type { Storage } from '../storage/storage.ts';
import type { Row, StoredRow } from '../storage/table.ts';
import { deleteRows, PLACES_TABLE, type PurgeRound } from './purge.ts';

/** What purging staged operations works with. */
export interface PurgeStagingPorts {
  readonly storage: Storage;
  readonly channels: Pick<Channels, 'list'>;
  readonly customers: Pick<ChannelCustomers, 'find' | 'dropOperations'>;
  readonly staging: Pick<StagingTables, 'find' | 'remove'>;
  readonly uploads: Pick<UploadStates, 'cursor'>;
}

interface PlaceRow extends Row {
  segment: number;
}

/** Purges operations that were staged before a time and are applied. Gives how many went. */
export async function purgeStaging(ports: PurgeStagingPorts, round: PurgeRound): Promise<number> {
  let purged = 0;
  for (const { id } of await ports.channels.list()) purged += await purgeChannel(ports, id, round);
  return purged;
}

/** Walks the channel's segments from the first that has anything; the ones before are empty for good. */
async function purgeChannel(ports: PurgeStagingPorts, channel: string, round: PurgeRound): Promise<number> {
  const table = ports.storage.table(STAGED_TABLE);
  const places = ports.storage.table(PLACES_TABLE);
  const key = { partitionKey: STAGED_TABLE, rowKey: channel };
  const uploadedThrough = await ports.uploads.cursor(channel);
  let purged = 0;
  let isEmptySoFar = true;
  for (
    let segment = (await places.get<PlaceRow>(key.partitionKey, key.rowKey))?.segment ?? 0;
    round.goOn();
    segment++
  ) {
    const partitionKey = segmentPartition(channel, segment);
    const head = await table.get<HeadRow>(partitionKey, HEAD);
    if (!head) break;
    const { rows } = await table.page<OperationRow>({ partitionKey, from: operationRowKey(0), to: OPERATIONS_END });
    const operations = rows.map((row) => fromOperationRow(channel, row));
    // What was uploaded and is old is a beginning of the counters.
    const firstKept = operations.findIndex(
      ({ createdOn, replicationCounter }) =>
        Date.parse(createdOn) >= round.beforeMs || replicationCounter > uploadedThrough,
    );
    const gone = await purgeRows(ports, rows.slice(0, firstKept < 0 ? rows.length : firstKept), channel, round);
    purged += gone;
    if (firstKept >= 0) break;
    isEmptySoFar &&= gone === rows.length && isFull(segment, head.nextCounter);
    if (isEmptySoFar) await places.write([{ kind: 'upsert', row: { ...key, segment: segment + 1 } }]);
  }
  return purged;
}

async function purgeRows(
  ports: PurgeStagingPorts,
  rows: readonly StoredRow<OperationRow>[],
  channel: string,
  round: PurgeRound,
): Promise<number> {
  let purged = 0;
  for (const row of rows) {
    if (!round.goOn()) break;
    if (!(await purgeOne(ports, fromOperationRow(channel, row), round))) continue;
    await deleteRows(ports.storage.table(STAGED_TABLE), [row]);
    purged++;
  }
  return purged;
}

/** Removes an operation at headquarters if it may go (PURGE-1). True: it is gone there. */
async function purgeOne(
  { storage, customers, staging }: PurgeStagingPorts,
  operation: StagedOperation,
  { beforeMs }: PurgeRound,
): Promise<boolean> {
  const { channel, customerAsyncId, replicationCounter } = operation;
  const stored = await staging.find(operation);
  if (stored) {
    const customer = await customers.find(channel, customerAsyncId);
    const isThis = (own: StagedOperation) => own.replicationCounter === replicationCounter;
    if (!mayGo(stored, customer, beforeMs)) return false;
    if (stored.discard && customer) await customers.dropOperations(customer, isThis);
    else if (customer?.operations.some(isThis)) return false;
    await staging.remove(stored);
  }
  await deleteRows(storage.table(OPERATION_LIST_TABLE), [operationEntry(operation).row]);
  return true;
}

/** Whether nobody asks for an operation any more, but for what the channel holds of it (PURGE-1). */
function mayGo(stored: StoredOperation, customer: StoredCustomer | undefined, beforeMs: number): boolean {
  if (stored.discard) return Date.parse(stored.discard.on) < beforeMs;
  return stored.status === 'Completed' && (customer?.snapshot?.appliedThrough ?? '') >= stored.sequence;
}
