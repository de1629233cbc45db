/**
 * Follows one relationship from the records of one level to their children: parents in the order of their partitions,
 * their hints by ranges of keys, the children's rows by ranges of keys. A hint only says where to look; what counts is
 * the child's own lookup, its tombstone and the behaviour.
 */
import { findRelationship, type Relationship } from '../../catalogue/relationships.ts';
import type { TableName } from '../../catalogue/tables.ts';
import { HINT_SHARD, hintRange, hintTableName, parseHintKey } from '../../records/child-hints.ts';
import { isReached } from '../../records/reach.ts';
import type { RecordState } from '../../records/record.ts';
import { lookupProperty, type RecordRow } from '../../records/record-row.ts';
import { findManyShares } from '../../records/shares/shares.ts';
import { createPipeline, PAGES_AHEAD } from '../../storage/parallel.ts';
import type { StoredRow } from '../../storage/table.ts';
import type { Effect } from '../actions/action-rule.ts';
import { currentProperties, ruleOf } from '../actions/rules.ts';
import type { CascadePlan } from '../plans.ts';
import { type ChildPage, childPages, type RecordSource } from './child-pages.ts';
import { type FoundEffect, type FoundRecord, type FoundRecords, idsAtLevel } from './found-records.ts';
import type { RelationshipCursor } from './identify-cursor.ts';
import { type Budget, type IdentifyPorts, pagesInSlots } from './identify-ports.ts';
import { type RowSource, readByIds } from './read-row-ranges.ts';
import { resolveHints } from './resolve-hints.ts';
import { firstOpen, type KeyPlace, READ_BEGIN, type ReadPosition, type RowRange } from './row-ranges.ts';
import { toFound } from './to-found.ts';

/** How far a call followed a relationship; without `left` to its end. */
export interface FollowOutcome {
  readonly left: RelationshipCursor | undefined;
  readonly child: TableName;
  /** Records that the action changes, unlinks, or only settles. */
  readonly found: Readonly<Record<FoundEffect, number>>;
  /** Records that forbid the action: how many, and the ids of some. */
  readonly blocking: { readonly count: number; readonly examples: readonly string[] };
}

/** Parents whose hints are planned together. */
const PARENTS_PER_BATCH = 5000;
/** Numbers of pages of records that are only settled begin here. */
const SETTLING_PAGES = 5_000_000;
/** Records that a blocker names. */
export const MAX_EXAMPLES = 5;

/** Follows a relationship down from a level until it ends or the budget is spent. Children are kept before the new place is given. */
export async function followRelationship(
  services: IdentifyPorts,
  plan: CascadePlan,
  level: number,
  cursor: RelationshipCursor,
  budget: Budget,
): Promise<FollowOutcome> {
  const relationship = findRelationship(cursor.relationship);
  if (!relationship)
    throw new Error(`Job ${plan.jobId} follows ${cursor.relationship}, which is no relationship any more`);
  const sources = childSources(services, plan, relationship, cursor);
  const pipeline = createPipeline(PAGES_AHEAD);
  let { pages, place } = cursor;
  const found: Record<FoundEffect, number> = { change: 0, unlink: 0, settle: 0 };
  const blocking = { count: 0, examples: [] as string[] };
  const outcome = (left: RelationshipCursor | undefined): FollowOutcome => ({
    left,
    child: relationship.child,
    found,
    blocking,
  });
  const keep = async (number: number, page: ChildPage<RecordRow>) => {
    const children = await readChildren(services, plan, { relationship, cursor, level }, page);
    for (const { effect } of children.found) found[effect]++;
    blocking.count += children.blocking.length;
    blocking.examples.push(...children.blocking.slice(0, MAX_EXAMPLES - blocking.examples.length));
    await services.found.put(
      // It may be followed twice from a level, once to settle: these pages have numbers of their own.
      {
        table: relationship.child,
        level: level + 1,
        relationship: relationship.name,
        page: cursor.settles ? SETTLING_PAGES + number : number,
      },
      children.found,
    );
  };
  const addPage = async (page: ChildPage<RecordRow>) => {
    if (page.rows.length === 0) return;
    const number = pages++;
    await pipeline.add(() => keep(number, page));
  };
  const wanted = {
    level,
    each: ruleOf(plan).order !== 'rootFirst',
    effect: cursor.settles ? 'settle' : 'change',
  } as const;
  for await (const parents of parentBatches(services.found, relationship.parent, wanted, place)) {
    let position: ReadPosition = { ...READ_BEGIN, after: place };
    if (!budget.isSpent()) {
      for await (const page of childPages<RecordRow>(sources.hints, sources.records, parents, position)) {
        budget.spend(page.rows.length);
        await addPage(page);
        position = page.next;
        place = placeOf(parents, position) ?? place;
        if (budget.isSpent()) break;
      }
    }
    if (position.at < parents.length) {
      await pipeline.end();
      return outcome({ ...cursor, pages, ...(place && { place }) });
    }
    budget.spend(parents.length);
  }
  await pipeline.end();
  return outcome(undefined);
}

/** Batches of the parents of a level, in the order of their hints, from the one that a place is in. */
async function* parentBatches(
  found: FoundRecords,
  table: TableName,
  { level, each, effect }: { readonly level: number; readonly each: boolean; readonly effect: FoundEffect },
  place: KeyPlace | undefined,
): AsyncGenerator<RowRange[]> {
  let batch: RowRange[] = [];
  for await (const { bucket, levels } of found.levels(table, place?.bucket)) {
    const ids = idsAtLevel(levels, level, each, effect);
    const rowRanges = ids.map((id): RowRange => ({ bucket, ...hintRange(id) }));
    batch.push(...(place ? rowRanges.slice(firstOpen(rowRanges, 0, rowRanges.length, place)) : rowRanges));
    while (batch.length >= PARENTS_PER_BATCH) {
      yield batch.slice(0, PARENTS_PER_BATCH);
      batch = batch.slice(PARENTS_PER_BATCH);
    }
  }
  if (batch.length > 0) yield batch;
}

/** The last key that a position leaves behind; undefined when it is at the beginning. */
function placeOf(rowRanges: readonly RowRange[], { at, after }: ReadPosition): KeyPlace | undefined {
  const [rowRange, before] = [rowRanges[at], rowRanges[at - 1]];
  if (rowRange && after?.bucket === rowRange.bucket && after.row >= rowRange.from) return after;
  return before && { bucket: before.bucket, row: before.to };
}

/** Where the children of a relationship are found. Who fences must resolve each hint, so there records are found by hints alone. */
function childSources(
  { storage, recordStore, fencing, inSlot }: IdentifyPorts,
  plan: CascadePlan,
  { name, child }: Relationship,
  { settles }: RelationshipCursor,
): { readonly hints: RowSource; readonly records: RecordSource | undefined } {
  const table = pagesInSlots(storage.table(hintTableName(name)), inSlot);
  const fences = fencing && ruleOf(plan).fences && !settles;
  return {
    hints: { table, suffix: HINT_SHARD, select: [] },
    records: fences
      ? undefined
      : {
          table: pagesInSlots(recordStore.tables.rows(child), inSlot),
          suffix: '',
          select: childProperties(plan, name, child),
          lookup: lookupProperty(name),
        },
  };
}

/** The children of a page that the action reaches, or that forbid it. */
async function readChildren(
  services: IdentifyPorts,
  plan: CascadePlan,
  { relationship, cursor, level }: Walked,
  page: ChildPage<RecordRow>,
): Promise<{ found: FoundRecord[]; blocking: string[] }> {
  const { name, child } = relationship;
  const rule = ruleOf(plan);
  const lookup = lookupProperty(name);
  const effectOf = ({ ownerId, state }: RecordRow) =>
    cursor.settles
      ? 'none'
      : rule.effectOf(plan, plan.behaviors[name] ?? 'None', { ownerId, state: state as RecordState }, relationship);
  const found: FoundRecord[] = [];
  const blocking: string[] = [];
  const members = await readMembers(services, plan, { relationship, cursor }, page, effectOf);
  const followed = await findFollowed(services, plan, { relationship, cursor, level }, members, effectOf);
  for (const row of members) {
    const effect = effectOf(row);
    if (effect === 'restrict') blocking.push(row.rowKey);
    else if (effect !== 'none') {
      const links = rule.fences ? [`${name}|${String(row[lookup])}`] : [];
      services.observe?.(child, row, name);
      const plain = toFound(plan, child, row, { effect, links });
      // One that is followed is looked at again, as its rights count too.
      found.push(followed.has(row.rowKey) ? { ...plain, etag: '' } : plain);
    }
    if (!followed.has(row.rowKey)) continue;
    if (effect === 'none') services.observe?.(child, row, name);
    found.push({ ...toFound(plan, child, row, { effect: 'settle', links: [] }), etag: '' });
  }
  return { found, blocking };
}

/** A relationship that is followed down from a level. */
interface Walked {
  readonly relationship: Relationship;
  readonly cursor: RelationshipCursor;
  readonly level: number;
}

/** Members that belong to the set for their inherited rights' sake, or whose children may. */
async function findFollowed(
  { recordStore }: IdentifyPorts,
  plan: CascadePlan,
  { relationship: { name, child }, cursor }: Walked,
  members: readonly StoredRow<RecordRow>[],
  effectOf: (row: RecordRow) => Effect,
): Promise<ReadonlySet<string>> {
  const follow = ruleOf(plan).follow?.(plan);
  const followed = new Set<string>();
  if (!follow) return followed;
  const { from } = follow;
  const candidates = members.filter((row) => cursor.settles || effectOf(row) === from);
  const unread: string[] = [];
  for (const { rowKey: id, ownerId, state } of candidates) {
    const owner = { ownerId, state: state as RecordState };
    const isOwed = isReached(follow.behaviors[name] ?? 'None', owner, plan.formerOwnerId);
    // Whatever is moved may hand on what it gains.
    if (isOwed || (from === 'change' && !cursor.settles)) followed.add(id);
    else unread.push(id);
  }
  const shares = await findManyShares(recordStore.tables, child, unread);
  for (const [id, { set }] of shares) if (follow.holds(set)) followed.add(id);
  return followed;
}

/** The children that live and point to the parent that they were looked for under. */
async function readMembers(
  { recordStore, fencing, inSlot }: IdentifyPorts,
  plan: CascadePlan,
  { relationship, cursor }: Omit<Walked, 'level'>,
  page: ChildPage<RecordRow>,
  effectOf: (row: RecordRow) => Effect,
): Promise<StoredRow<RecordRow>[]> {
  const { name, child } = relationship;
  const { locks } = recordStore.tables;
  const table = recordStore.tables.rows(child);
  const lookup = lookupProperty(name);
  const isKept = ({ deletedOn }: RecordRow) =>
    !deletedOn || (!cursor.settles && ruleOf(plan).keepsDeleted?.(plan, deletedOn));
  if (page.kind === 'records') {
    const rows = await locks.releaseFinished(table, page.rows);
    return rows.filter((row) => isKept(row) && row[lookup] === page.parentId);
  }
  const select = childProperties(plan, name, child);
  const pairs = page.rows.map(({ rowKey }) => parseHintKey(rowKey));
  if (fencing && ruleOf(plan).fences && !cursor.settles) {
    const isChanged = (row: RecordRow) => effectOf(row) === 'change';
    return resolveHints(fencing, plan, relationship, { pairs, isChanged, select });
  }
  const known = new Set(pairs.map(({ parentId, childId }) => `${parentId}|${childId}`));
  const ids = new Set(pairs.map(({ childId }) => childId));
  const rows = await locks.releaseFinished(table, await readByIds<RecordRow>(pagesInSlots(table, inSlot), ids, select));
  return rows.filter((row) => isKept(row) && known.has(`${String(row[lookup])}|${row.rowKey}`));
}

/** What is read of a child in addition to its keys. */
function childProperties(plan: CascadePlan, relationship: string, child: TableName): string[] {
  return [...new Set([...foundProperties(plan, child), 'state', lookupProperty(relationship)])];
}

/** What identifying needs of a record in addition to its keys. */
function foundProperties(plan: CascadePlan, table: TableName): string[] {
  return ruleOf(plan).decidesAsFound ? currentProperties(plan, table) : ['ownerId', 'version', 'deletedOn'];
}
