/**
 * Finds the records that a job will change: level by level from the root, in calls of bounded work.
 *
 *  I1  What a call found is stored before its cursor is given; a call that is repeated replaces its own rows. A walk that
 *      one call finishes needs no storing: cut off, it is begun anew.
 *  I2  A record is walked from at its least level only, so doubles cost little and cycles end.
 *  I3  Chunks are written after the last level; from then on the total is final.
 */

import { bucketOf } from '../../records/record-ids.ts';
import type { RecordRow } from '../../records/record-row.ts';
import { mapParallel } from '../../storage/parallel.ts';
import { ruleOf } from '../actions/rules.ts';
import { type ChunkServices, writeChunks } from '../chunks/write-chunks.ts';
import type { CascadePlan } from '../plans.ts';
import type { Blocker, IdentifyOutcome } from '../ports.ts';
import { BufferedFound } from './buffered-found.ts';
import { StoredFound } from './found-records.ts';
import {
  decideNextLevel,
  decodeCursor,
  encodeCursor,
  type IdentifyCursor,
  legsUnder,
  type ScanCursor,
  type WalkCursor,
} from './identify-cursor.ts';
import { scanShared } from './scan-shared.ts';
import { type FenceServices, fenceRoot, MustWait } from './settle-hints.ts';
import { toFound } from './to-found.ts';
import { MAX_EXAMPLES, walkLeg } from './walk-leg.ts';
import type { Budget, WalkServices } from './walk-ports.ts';

/** What identifying works with. */
export type IdentifyServices = Omit<WalkServices & ChunkServices & FenceServices, 'found' | 'fencing'>;

/** A call ends at the next page when it has looked at so many parents and hints, or has taken so long. */
const MAX_ROWS_PER_CALL = 150_000;
const MAX_MS_PER_CALL = 5_000;
/** Relationships that are walked at the same time. */
const PARALLEL_LEGS = 12;

/** Walks on from a cursor, without one from the root. */
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
  services: IdentifyServices & Pick<WalkServices, 'fencing'>,
  plan: CascadePlan,
  text: string | undefined,
): Promise<IdentifyOutcome> {
  const stored = new StoredFound(services.storage, plan.jobId);
  if (text !== undefined) return walkOn({ ...services, found: stored }, plan, decodeCursor(text));
  const found = new BufferedFound(stored);
  const outcome = await walkOn({ ...services, found }, plan, undefined);
  if (outcome.cursor !== undefined) await found.spill();
  return outcome;
}

async function walkOn(
  services: WalkServices & ChunkServices,
  plan: CascadePlan,
  from: IdentifyCursor | undefined,
): Promise<IdentifyOutcome> {
  const budget = createBudget(services.now);
  let cursor: IdentifyCursor = from ?? (await beginWalk(services, plan));
  while (cursor.phase !== 'chunk') {
    if (budget.isSpent()) return outcomeOf(cursor, cursor.found);
    const walked = await goOn(services, plan, cursor, budget);
    if (walked.blockers.length > 0) return { ...outcomeOf(undefined, cursor.found), blockers: walked.blockers };
    cursor = walked.cursor;
  }
  if (budget.isSpent()) return outcomeOf(cursor, cursor.walked);
  const written = await writeChunks(services, plan, cursor, budget);
  return outcomeOf(written.cursor, written.cursor ? cursor.walked : written.found);
}

/** Goes on with a walk, or with the scan that takes its place. */
export async function goOn(
  services: WalkServices,
  plan: CascadePlan,
  cursor: WalkCursor | ScanCursor,
  budget: Budget,
): Promise<{ cursor: IdentifyCursor; blockers: readonly Blocker[] }> {
  if (cursor.phase === 'walk') return walkLevel(services, plan, cursor, budget);
  return { cursor: await scanShared(services, plan, cursor, budget), blockers: [] };
}

/**
 * The beginning of a walk: the root is at level 0, unless the rule has more than one. A root that was deleted stays in the
 * set, so that its rule says what becomes of it, and leads nowhere.
 */
export async function beginWalk(services: WalkServices, plan: CascadePlan): Promise<WalkCursor | ScanCursor> {
  const { table, recordId } = plan;
  const scanned = ruleOf(plan).scans?.(plan);
  if (scanned) return { phase: 'scan', tables: [...scanned], pages: 0, found: {} };
  const roots = ruleOf(plan).begin?.(plan) ?? [{ id: recordId, level: 0 }];
  let cursor: WalkCursor = { phase: 'walk', level: 0, legs: [], found: { [table]: roots.length }, below: {} };
  for (const { id, level } of roots) {
    const lives = await putRoot(services, plan, id, level);
    cursor = { ...cursor, level, legs: lives ? legsUnder(plan, [table]) : [] };
  }
  return cursor;
}

async function putRoot(services: WalkServices, plan: CascadePlan, id: string, level: number): Promise<boolean> {
  const { records, found, fencing, observe } = services;
  const { table } = plan;
  const row =
    fencing && ruleOf(plan).fences
      ? await fenceRoot(fencing, plan)
      : await records.tables.locks.release<RecordRow>(records.tables.rows(table), bucketOf(id), id);
  const lives = row !== undefined && !row.deletedOn;
  const fresh = { effect: 'change', links: [] } as const;
  const root = lives
    ? toFound(plan, table, row, fresh)
    : { id, etag: '', version: 0, ownerId: plan.formerOwnerId, ...fresh };
  if (row) observe?.(table, row, undefined);
  await found.put({ table, level, relationship: 'root', page: 0 }, [root]);
  return lives;
}

/** Walks the legs of a level as far as the budget goes. */
async function walkLevel(
  services: WalkServices,
  plan: CascadePlan,
  cursor: WalkCursor,
  budget: Budget,
): Promise<{ cursor: IdentifyCursor; blockers: readonly Blocker[] }> {
  const walked = await mapParallel(cursor.legs, PARALLEL_LEGS, async (leg) => {
    return { relationship: leg.relationship, ...(await walkLeg(services, plan, cursor.level, leg, budget)) };
  });
  const found: Record<string, number> = { ...cursor.found };
  const below: Record<string, number> = { ...cursor.below };
  for (const { child, found: counts } of walked) {
    const all = counts.change + counts.unlink;
    if (all > 0) found[child] = (found[child] ?? 0) + all;
    // Nothing follows from a record that only loses its link.
    if (counts.change > 0) below[child] = (below[child] ?? 0) + counts.change;
  }
  const legs = walked.flatMap(({ leg }) => leg ?? []);
  const next = { ...cursor, legs, found, below };
  const blockers = walked
    .filter(({ blocking }) => blocking.count > 0)
    .map(({ relationship, blocking }) => ({ relationship, ...blocking }));
  return { cursor: legs.length > 0 ? next : decideNextLevel(plan, next, ruleOf(plan).lastLevel), blockers };
}

/** Blockers of several stretches of a walk together. */
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
