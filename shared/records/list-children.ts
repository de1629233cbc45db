import { z } from 'zod';
import type { Relationship } from '../catalogue/relationships.ts';
import type { StateMemo } from '../transactions/transaction-store.ts';
import type { Hint } from './child-hints.ts';
import type { StoredRecord } from './record.ts';
import type { RecordTables } from './record-tables.ts';

/** A place among a parent's children: the one after which to go on. */
export const childPlaceSchema = z.strictObject({ createdOn: z.string(), childId: z.string() });
export type ChildPlace = z.infer<typeof childPlaceSchema>;

interface ChildrenQuery {
  readonly relationship: Relationship;
  readonly parentId: string;
  readonly pageSize: number;
  readonly after: ChildPlace | undefined;
  /** Those of the children that the caller may see, in their order. */
  readonly shown: (children: readonly StoredRecord[]) => Promise<StoredRecord[]>;
}

/** A page of the live records under a parent, newest first. Reads all hints of the parent to order them. */
export async function listChildren(
  tables: RecordTables,
  { relationship: { name, child }, parentId, pageSize, after, shown }: ChildrenQuery,
): Promise<{ items: StoredRecord[]; after: ChildPlace | undefined }> {
  const hints: Hint[] = [];
  for await (const hint of tables.hints(name).of(parentId))
    if (!after || newestFirst(hint, after) > 0) hints.push(hint);
  hints.sort(newestFirst);
  const items: StoredRecord[] = [];
  const memo: StateMemo = new Map();
  let at = 0;
  while (at < hints.length && items.length < pageSize) {
    const group = hints.slice(at, at + pageSize - items.length);
    at += group.length;
    const found = await tables.findMany(
      child,
      group.map(({ childId }) => childId),
      memo,
    );
    const children = found.flatMap((record) =>
      record && !record.tombstone && record.value.lookups[name] === parentId ? [record] : [],
    );
    items.push(...(await shown(children)));
  }
  const last = hints[at - 1];
  return { items, after: last && at < hints.length ? { createdOn: last.createdOn, childId: last.childId } : undefined };
}

function newestFirst(a: ChildPlace, b: ChildPlace): number {
  if (a.createdOn !== b.createdOn) return a.createdOn < b.createdOn ? 1 : -1;
  return a.childId < b.childId ? -1 : Number(a.childId > b.childId);
}
