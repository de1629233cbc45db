/**
 * Finds the records that a job will change: level by level from the root, in calls of bounded work.
 *
 *  IDENTIFY-1  What a call found is stored before its cursor is given; a call that is repeated replaces its own rows.
 *      What one call finishes needs no storing: cut off, it is begun anew.
 *  IDENTIFY-2  A record's children are looked for at its least level only, so doubles cost little and cycles end.
 *  IDENTIFY-3  Chunks are written after the last level; from then on the total is final.
 */

import { bucketOf } from '../../records/record-ids.ts';
import type { RecordRow } from '../../records/record-row.ts';
import { MANY_PARALLEL, mapParallel } from '../../storage/parallel.ts';
import { ruleOf } from '../actions/rules.ts';
import { type ChunkServices, writeChunks } from '../chunks/write-chunks.ts';
import type { CascadePlan } from '../plans.ts';
import type { Blocker, IdentifyOutcome } from '../ports.ts';
import { BufferedFound } from './buffered-found.ts';
import { followRelationship, MAX_EXAMPLES } from './follow-relationship.ts';
import { StoredFound } from './found-records.ts';
import {
  decideNextLevel,
  decodeCursor,
  encodeCursor,
  type IdentifyCursor,
  type LevelCursor,
  relationshipsToFollow,
  type ScanCursor,
} from './identify-cursor.ts';
import type { Budget, IdentifyPorts } from './identify-ports.ts';
import { type FenceServices, fenceRoot, MustWait } from './resolve-hints.ts';
import { scanShared } from './scan-shared.ts';
import { toFound } from './to-found.ts';

/** What identifying works with. */
export type IdentifyServices = Omit<IdentifyPorts & ChunkServices & FenceServices, 'found' | 'fencing'>;

/** A call ends at the next page when it has looked at so many parents and hints, or has taken so long. */
const MAX_ROWS_PER_CALL = 150_000;
const MAX_MS_PER_CALL = 5_000;

/** Identifies on from a cursor, without one from the root. */
export async function identify(
  services: IdentifyServices,
  plan: CascadePlan,
  text: string | undefined,
): Promise<IdentifyOutcome> {
  try {
    return await step({ ...services, fencing: services }, plan, text);
  } catch (error) {
    if (error instanceof MustWait) return { cursor: text, found: 0, byTable: {}, waitsFor: error.waitsFor };
    throw error;
  }
}

async function step(
  services: IdentifyServices & Pick<IdentifyPorts, 'fencing'>,
  plan: CascadePlan,
  text: string | undefined,
): Promise<IdentifyOutcome> {
  const stored = new StoredFound(services.storage, plan.jobId);
  if (text !== undefined) return identifyFrom({ ...services, found: stored }, plan, decodeCursor(text));
  const found = new BufferedFound(stored);
  const outcome = await identifyFrom({ ...services, found }, plan, undefined);
  if (outcome.cursor !== undefined) await found.spill();
  return outcome;
}

async function identifyFrom(
  services: IdentifyPorts & ChunkServices,
  plan: CascadePlan,
  from: IdentifyCursor | undefined,
): Promise<IdentifyOutcome> {
  const budget = createBudget(services.now);
  let cursor: IdentifyCursor = from ?? (await beginIdentifying(services, plan));
  while (cursor.phase !== 'chunk') {
    if (budget.isSpent()) return outcomeOf(cursor, cursor.found);
    const identified = await continueIdentifying(services, plan, cursor, budget);
    if (identified.blockers.length > 0) return { ...outcomeOf(undefined, cursor.found), blockers: identified.blockers };
    cursor = identified.cursor;
  }
  if (budget.isSpent()) return outcomeOf(cursor, cursor.walked);
  const written = await writeChunks(services, plan, cursor, budget);
  return outcomeOf(written.cursor, written.cursor ? cursor.walked : written.found);
}

/** Goes on level by level, or with the scan that takes the place of that. */
export async function continueIdentifying(
  services: IdentifyPorts,
  plan: CascadePlan,
  cursor: LevelCursor | ScanCursor,
  budget: Budget,
): Promise<{ cursor: IdentifyCursor; blockers: readonly Blocker[] }> {
  if (cursor.phase === 'walk') return identifyLevel(services, plan, cursor, budget);
  return { cursor: await scanShared(services, plan, cursor, budget), blockers: [] };
}

/**
 * The beginning: the root is at level 0, unless the rule has more than one. A root that was deleted stays in the
 * set, so that its rule says what becomes of it, and leads nowhere.
 */
export async function beginIdentifying(services: IdentifyPorts, plan: CascadePlan): Promise<LevelCursor | ScanCursor> {
  const { table, recordId } = plan;
  const scanned = ruleOf(plan).scans?.(plan);
  if (scanned) return { phase: 'scan', tables: [...scanned], pages: 0, found: {} };
  const roots = ruleOf(plan).begin?.(plan) ?? [{ id: recordId, level: 0 }];
  let cursor: LevelCursor = { phase: 'walk', level: 0, legs: [], found: { [table]: roots.length }, below: {} };
  for (const { id, level } of roots) {
    const lives = await putRoot(services, plan, id, level);
    cursor = { ...cursor, level, legs: lives ? relationshipsToFollow(plan, [table]) : [] };
  }
  return cursor;
}

async function putRoot(services: IdentifyPorts, plan: CascadePlan, id: string, level: number): Promise<boolean> {
  const { recordStore, found, fencing, observe } = services;
  const { table } = plan;
  const row =
    fencing && ruleOf(plan).fences
      ? await fenceRoot(fencing, plan)
      : await recordStore.tables.locks.release<RecordRow>(recordStore.tables.rows(table), bucketOf(id), id);
  const lives = row !== undefined && !row.deletedOn;
  const fresh = { effect: 'change', links: [] } as const;
  const root = lives
    ? toFound(plan, table, row, fresh)
    : { id, etag: '', version: 0, ownerId: plan.formerOwnerId, ...fresh };
  if (row) observe?.(table, row, undefined);
  await found.put({ table, level, relationship: 'root', page: 0 }, [root]);
  return lives;
}

/** Follows the relationships under a level as far as the budget goes. */
async function identifyLevel(
  services: IdentifyPorts,
  plan: CascadePlan,
  cursor: LevelCursor,
  budget: Budget,
): Promise<{ cursor: IdentifyCursor; blockers: readonly Blocker[] }> {
  const identified = await mapParallel(cursor.legs, MANY_PARALLEL, async (relation) => {
    return {
      relationship: relation.relationship,
      ...(await followRelationship(services, plan, cursor.level, relation, budget)),
    };
  });
  const found: Record<string, number> = { ...cursor.found };
  const below: Record<string, number> = { ...cursor.below };
  const settling: Record<string, number> = { ...cursor.settling };
  for (const { child, found: counts } of identified) {
    const all = counts.change + counts.unlink + counts.settle;
    if (counts.settle > 0) settling[child] = (settling[child] ?? 0) + counts.settle;
    if (all > 0) found[child] = (found[child] ?? 0) + all;
    // Nothing follows from a record that only loses its link, unless its rights do.
    if (counts.change > 0) below[child] = (below[child] ?? 0) + counts.change;
  }
  const legs = identified.flatMap(({ left }) => left ?? []);
  const next = { ...cursor, legs, found, below, settling };
  const blockers = identified
    .filter(({ blocking }) => blocking.count > 0)
    .map(({ relationship, blocking }) => ({ relationship, ...blocking }));
  return { cursor: legs.length > 0 ? next : decideNextLevel(plan, next), blockers };
}

/** Blockers that several calls found, together. */
export function mergeBlockers(a: readonly Blocker[], b: readonly Blocker[]): Blocker[] {
  const merged = new Map(a.map((blocker) => [blocker.relationship, blocker]));
  for (const { relationship, count, examples } of b) {
    const known = merged.get(relationship) ?? { relationship, count: 0, examples: [] };
    const all = [...known.examples, ...examples].slice(0, MAX_EXAMPLES);
    merged.set(relationship, { relationship, count: known.count + count, examples: all });
  }
  return [...merged.values()];
}

function createBudget(now: () => number): Budget {
  const endMs = now() + MAX_MS_PER_CALL;
  let spent = 0;
  return {
    spend: (rows) => {
      spent += rows;
    },
    // Something is always done, however slow.
    isSpent: () => spent > 0 && (spent >= MAX_ROWS_PER_CALL || now() >= endMs),
  };
}

function outcomeOf(cursor: IdentifyCursor | undefined, byTable: Readonly<Record<string, number>>): IdentifyOutcome {
  const found = Object.values(byTable).reduce((sum, count) => sum + count, 0);
  return { cursor: cursor && encodeCursor(cursor), found, byTable };
}
