/**
 * Whose the address ids are that clients supplied to a channel. Table `channeladdressids`, PartitionKey =
 * `<channel>|<bucket of the address id>`, RowKey = the address id. A row is inserted once, after the address was staged,
 * and never changed. This is a storage format (docs/adr/0002).
 *
 * It spares a channel an operation that headquarters would refuse; of two that come at the same moment headquarters
 * refuses the later one. Ids that we derive from the customer's own need no row.
 */

import { bucketOf, isOwnId } from '../../records/record-ids.ts';
import { MAX_PARALLEL, mapParallel } from '../../storage/parallel.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Row, Table } from '../../storage/table.ts';

interface AddressIdRow extends Row {
  customerAsyncId: string;
}

/** The ids of addresses and contacts that clients supplied. */
export class AddressIds {
  readonly #table: Table;

  constructor(storage: Storage) {
    this.#table = storage.table('channeladdressids');
  }

  /** The first of these ids that is known for another customer than this one. */
  async takenFrom(channel: string, ids: readonly string[], customerAsyncId: string): Promise<string | undefined> {
    const owners = await mapParallel(ids, MAX_PARALLEL, async (id) => {
      const { partitionKey, rowKey } = keyOf(channel, id);
      return (await this.#table.get<AddressIdRow>(partitionKey, rowKey))?.customerAsyncId ?? customerAsyncId;
    });
    return ids.find((_, at) => owners[at] !== customerAsyncId);
  }

  /** Notes whose these ids are, of those that clients supplied; what is noted already stays. */
  async note(channel: string, ids: readonly string[], customerAsyncId: string): Promise<void> {
    const supplied = ids.filter((id) => !isOwnId(id));
    await mapParallel(supplied, MAX_PARALLEL, async (id) => {
      const row: AddressIdRow = { ...keyOf(channel, id), customerAsyncId };
      await this.#table.write([{ kind: 'insert', row }]);
    });
  }
}

function keyOf(channel: string, id: string): { partitionKey: string; rowKey: string } {
  return { partitionKey: `${channel}|${bucketOf(id)}`, rowKey: id };
}
