/**
 * The children of a parent: one hint row per child and relationship, in the order of the children's partitions. A hint
 * only says where to look; whether a record really is under the parent, its own lookup says.
 * PartitionKey = parent's bucket + a shard digit that is always 0; RowKey = parent | child's bucket | child. This is a
 * storage format (docs/adr/0002).
 */

import { afterPrefix } from '../storage/keys.ts';
import { FEW_PARALLEL, groupBy, mapParallel } from '../storage/parallel.ts';
import type { Storage } from '../storage/storage.ts';
import { ROWS_PER_TRANSACTION, type Row, type StoredRow, type Table, type Write } from '../storage/table.ts';
import { bucketOf } from './record-ids.ts';

interface HintRow extends Row {
  /** When the child was made; orders the children of a parent. */
  createdOn: string;
}

/** What a PartitionKey of hints has behind the parent's bucket. */
export const HINT_SHARD = '0';

/** What the RowKey of a hint says. */
export interface HintKey {
  readonly parentId: string;
  readonly childBucket: string;
  readonly childId: string;
}

/** The table of a relationship's hints. */
export function hintTableName(relationship: string): string {
  return `hints${relationship.replaceAll('_', '').toLowerCase()}`;
}

/** Reads the RowKey of a hint. */
export function parseHintKey(rowKey: string): HintKey {
  const [parentId = '', childBucket = '', childId = ''] = rowKey.split('|');
  return { parentId, childBucket, childId };
}

/** The RowKeys of a parent's hints: from `from` on, and below `to`. */
export function hintRange(parentId: string): { readonly from: string; readonly to: string } {
  const prefix = `${parentId}|`;
  return { from: prefix, to: afterPrefix(prefix) };
}

/** A key above a parent's hints of children in lower buckets, and below those of children in this one and higher ones. */
export function hintKeyAt(parentId: string, childBucket: string): string {
  return `${parentId}|${childBucket}`;
}

/** A hint as stored. */
export interface Hint {
  readonly childId: string;
  readonly createdOn: string;
  readonly etag: string;
}

/** The hints of one relationship. */
export class ChildHints {
  readonly #table: Table;

  constructor(storage: Storage, relationship: string) {
    this.#table = storage.table(hintTableName(relationship));
  }

  /** The write that says "look for `childId` under `parentId`". To be done before the child's row names the parent. */
  writeFor(parentId: string, childId: string, createdOn: string): Write {
    const row: HintRow = { ...keyOf(parentId, childId), createdOn };
    return { kind: 'upsert', row };
  }

  async put(parentId: string, childId: string, createdOn: string): Promise<void> {
    await this.putAll([this.writeFor(parentId, childId, createdOn)]);
  }

  /**
   * Writes hints of one parent's partition, at most 100. They are new as a rule, and inserting is much the cheaper in a
   * large partition of the emulator; where one exists it is renewed, which gives it another ETag.
   */
  async putAll(writes: readonly Write[]): Promise<void> {
    const inserted = await this.#table.write(writes.map(({ row }) => ({ kind: 'insert', row })));
    if (inserted.ok) return;
    const written = await this.#table.write(writes);
    if (!written.ok) throw new Error(`Hints were refused: ${written.conflict}`);
  }

  /** The hint as it stands, to be removed later if nobody renews it meanwhile. */
  async find(parentId: string, childId: string): Promise<Hint | undefined> {
    const { partitionKey, rowKey } = keyOf(parentId, childId);
    const row = await this.#table.get<HintRow>(partitionKey, rowKey);
    return row && toHint(row);
  }

  /** Removes a hint that was found, unless it was renewed since. */
  async remove(parentId: string, hint: Hint): Promise<void> {
    const { partitionKey, rowKey } = keyOf(parentId, hint.childId);
    await this.#table.delete(partitionKey, rowKey, hint.etag);
  }

  /** Hints of several children of one parent as they stand, to be removed later if nobody renews them meanwhile. Neighbours are read together. */
  async findMany(parentId: string, childIds: readonly string[]): Promise<Hint[]> {
    const found = await mapParallel(groupBy([...childIds], bucketOf), FEW_PARALLEL, async (group) => {
      const [first, ...others] = group.sort();
      const last = others.at(-1);
      if (first === undefined) return [];
      if (last === undefined) return [await this.find(parentId, first)];
      const wanted = new Set(group);
      const { partitionKey, rowKey: from } = keyOf(parentId, first);
      const to = afterPrefix(keyOf(parentId, last).rowKey);
      const hints: Hint[] = [];
      for await (const row of this.#table.rows<HintRow>({ partitionKey, from, to })) hints.push(toHint(row));
      return hints.filter(({ childId }) => wanted.has(childId));
    });
    return found.flat().filter((hint) => hint !== undefined);
  }

  /** Removes hints of one parent that were found, unless they were renewed since: those stay. */
  async removeMany(parentId: string, hints: readonly Hint[]): Promise<void> {
    const groups = groupBy(hints, () => '', ROWS_PER_TRANSACTION);
    await mapParallel(groups, FEW_PARALLEL, async (group) => {
      const deletes = group.map(({ childId, etag }): Write => {
        return { kind: 'delete', row: keyOf(parentId, childId), etag };
      });
      const removed = await this.#table.write(deletes);
      // One was renewed, or somebody else is removing them too.
      if (!removed.ok) await mapParallel(group, FEW_PARALLEL, (hint) => this.remove(parentId, hint));
    });
  }

  /** All hints under a parent, in the order of the children's partitions. */
  async *of(parentId: string): AsyncGenerator<Hint> {
    const range = { partitionKey: partitionOf(parentId), ...hintRange(parentId) };
    for await (const row of this.#table.rows<HintRow>(range)) yield toHint(row);
  }
}

function partitionOf(parentId: string): string {
  return `${bucketOf(parentId)}${HINT_SHARD}`;
}

function keyOf(parentId: string, childId: string): { partitionKey: string; rowKey: string } {
  return { partitionKey: partitionOf(parentId), rowKey: `${hintKeyAt(parentId, bucketOf(childId))}|${childId}` };
}

function toHint(row: StoredRow<HintRow>): Hint {
  return { childId: parseHintKey(row.rowKey).childId, createdOn: row.createdOn, etag: row.etag };
}
