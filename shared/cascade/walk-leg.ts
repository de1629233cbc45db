/**
 * Follows one relationship from the records of one level to their children: parents in the order of their partitions,
 * their hints by ranges of keys, the children's rows by ranges of keys. A hint only says where to look; what counts is
 * the child's own lookup, its tombstone and the behaviour.
 */
import { findRelationship, type Relationship } from '../catalogue/relationships.ts';
import type { TableName } from '../catalogue/tables.ts';
import type { RecordState } from '../records/record.ts';
import { lookupProperty, type RecordRow } from '../records/record-row.ts';
import type { RecordStore } from '../records/record-store.ts';
import { afterPrefix } from '../storage/keys.ts';
import type { Storage } from '../storage/storage.ts';
import type { Row, StoredRow } from '../storage/table.ts';
import type { FoundRecord, FoundRecords } from './found-records.ts';
import type { Leg } from './identify-cursor.ts';
import { firstOpen, type KeyPlace, type KeySpan, SPANS_BEGIN, type SpanPosition } from './key-spans.ts';
import { createPipeline } from './pipeline.ts';
import type { CascadePlan } from './ports.ts';
import { isReached } from './reach.ts';
import { readByIds, readSpans, type SpanSource } from './read-spans.ts';

export interface WalkServices {
  readonly storage: Storage;
  readonly records: RecordStore;
  readonly found: FoundRecords;
}

/** Bounds the work of one call. */
export interface Budget {
  /** Counts parents or hints that were looked at. */
  spend(rows: number): void;
  isSpent(): boolean;
}

/** What a call made of a leg; without `leg` it is walked to its end. */
export interface LegOutcome {
  readonly leg: Leg | undefined;
  readonly child: TableName;
  readonly found: number;
}

/** Parents whose hints are planned together. */
const PARENTS_PER_BATCH = 1250;
/** Pages of children that are looked at at the same time, while further hints are read. */
const PARALLEL_PAGES = 3;
/** Hints lie in the partition of the parent's bucket with this shard digit behind it (docs/adr/0002). */
const HINT_SHARD = '0';

/** Walks a leg of a level until it ends or the budget is spent. Children are kept before the leg's new place is given. */
export async function walkLeg(
  services: WalkServices,
  plan: CascadePlan,
  level: number,
  leg: Leg,
  budget: Budget,
): Promise<LegOutcome> {
  const relationship = findRelationship(leg.relationship);
  if (!relationship) throw new Error(`Job ${plan.jobId} walks ${leg.relationship}, which is no relationship any more`);
  const source = hintSource(services.storage, relationship.name);
  const pipeline = createPipeline(PARALLEL_PAGES);
  let { pages, place } = leg;
  let found = 0;
  const keep = async (page: number, hints: readonly Row[]) => {
    const children = await readChildren(services.records, plan, relationship, hints);
    found += children.length;
    await services.found.put(
      { table: relationship.child, level: level + 1, relationship: relationship.name, page },
      children,
    );
  };
  for await (const parents of parentBatches(services.found, relationship.parent, level, place)) {
    let position: SpanPosition = { ...SPANS_BEGIN, after: place };
    while (position.at < parents.length && !budget.isSpent()) {
      const { rows, next } = await readSpans<Row>(source, parents, position);
      budget.spend(rows.length);
      if (rows.length > 0) {
        const page = pages++;
        await pipeline.add(() => keep(page, rows));
      }
      position = next;
      place = placeOf(parents, position) ?? place;
    }
    if (position.at < parents.length) {
      await pipeline.end();
      return {
        leg: { relationship: leg.relationship, pages, ...(place && { place }) },
        child: relationship.child,
        found,
      };
    }
    budget.spend(parents.length);
  }
  await pipeline.end();
  return { leg: undefined, child: relationship.child, found };
}

/** Batches of the parents of a level, in the order of their hints, from the one that a place is in. */
async function* parentBatches(
  found: FoundRecords,
  table: TableName,
  level: number,
  place: KeyPlace | undefined,
): AsyncGenerator<KeySpan[]> {
  let batch: KeySpan[] = [];
  for await (const { bucket, levels } of found.levels(table, place?.bucket)) {
    const ids = [...levels.keys()].filter((id) => levels.get(id) === level).sort();
    const spans = ids.map((id): KeySpan => ({ bucket, from: `${id}|`, to: afterPrefix(`${id}|`) }));
    batch.push(...(place ? spans.slice(firstOpen(spans, 0, spans.length, place)) : spans));
    while (batch.length >= PARENTS_PER_BATCH) {
      yield batch.slice(0, PARENTS_PER_BATCH);
      batch = batch.slice(PARENTS_PER_BATCH);
    }
  }
  if (batch.length > 0) yield batch;
}

/** The last key that a position leaves behind; undefined when it is at the beginning. */
function placeOf(spans: readonly KeySpan[], { at, after }: SpanPosition): KeyPlace | undefined {
  const [span, before] = [spans[at], spans[at - 1]];
  if (span && after?.bucket === span.bucket && after.row >= span.from) return after;
  return before && { bucket: before.bucket, row: before.to };
}

function hintSource(storage: Storage, relationship: string): SpanSource {
  const table = storage.table(`hints${relationship.replaceAll('_', '').toLowerCase()}`);
  return { table, suffix: HINT_SHARD, select: [] };
}

/** The children that hints lead to and the action reaches. */
async function readChildren(
  records: RecordStore,
  plan: CascadePlan,
  { name, child }: Relationship,
  hints: readonly Row[],
): Promise<FoundRecord[]> {
  const lookup = lookupProperty(name);
  const pairs = new Set(hints.map(({ rowKey }) => pairOf(rowKey.slice(0, rowKey.indexOf('|')), childOf(rowKey))));
  const ids = new Set(hints.map(({ rowKey }) => childOf(rowKey)));
  const select = [...FOUND_PROPERTIES, lookup];
  const children: FoundRecord[] = [];
  for (const row of await readByIds<RecordRow>(records.tables.rows(child), ids, select)) {
    if (row.deletedOn || !pairs.has(pairOf(String(row[lookup]), row.rowKey))) continue;
    const seen = { ownerId: row.ownerId, state: row.state as RecordState };
    if (isReached(plan.behaviors[name] ?? 'None', seen, plan.formerOwnerId)) children.push(toFound(plan, row));
  }
  return children;
}

/** What identifying needs of a record beside its keys. */
const FOUND_PROPERTIES = ['ownerId', 'state', 'version', 'deletedOn', 'lockKind'] as const;

/** A record as found. One that a transaction holds, or that has the wanted owner already, is looked at again later. */
export function toFound({ ownerId }: Pick<CascadePlan, 'ownerId'>, row: StoredRow<RecordRow>): FoundRecord {
  const again = row.lockKind === 'transaction' || row.ownerId === ownerId;
  return { id: row.rowKey, etag: again ? '' : row.etag, version: row.version, ownerId: row.ownerId };
}

function childOf(hintKey: string): string {
  return hintKey.slice(hintKey.lastIndexOf('|') + 1);
}

function pairOf(parentId: string, childId: string): string {
  return `${parentId}|${childId}`;
}
