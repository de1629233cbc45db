/**
 * Where identifying stands between two calls: what the orchestration carries from one to the next. Levels come one
 * after the other; within a level each relationship has a cursor of its own. After the last level the chunks are written,
 * table by table, bucket by bucket. A scan of tables takes the place of the levels where an action has no root. Running jobs
 * carry the names of its properties, among them `walk`, `walked` and `legs`.
 */
import { z } from 'zod';
import { relationshipsUnder } from '../../catalogue/relationships.ts';
import { isTableName } from '../../catalogue/tables.ts';
import { ruleOf } from '../actions/rules.ts';
import type { CascadePlan } from '../plans.ts';

const counts = z.record(z.string(), z.number());

const relationshipCursorSchema = z.strictObject({
  relationship: z.string(),
  /** Pages done; the next one has this number. */
  pages: z.number(),
  /** Leads down from records that are only settled, or whose children are. */
  settles: z.boolean().optional(),
  /** The last hint that was followed; absent at the beginning. */
  place: z.strictObject({ bucket: z.string(), row: z.string() }).optional(),
});

const cursorSchema = z.discriminatedUnion('phase', [
  z.strictObject({
    phase: z.literal('walk'),
    level: z.number(),
    legs: z.array(relationshipCursorSchema),
    /** Records found by table, doubles counted twice. */
    found: counts,
    /** The same, of the level below the one at hand. */
    below: counts,
    /** Of that level, records whose children are only settled. */
    settling: counts.optional(),
  }),
  z.strictObject({
    phase: z.literal('scan'),
    /** Tables that are not done; the first is at hand. */
    tables: z.array(z.string()),
    /** The last row of shares of the table at hand that was looked at. */
    place: z.strictObject({ bucket: z.string(), row: z.string() }).optional(),
    /** Pages done in all tables. */
    pages: z.number(),
    /** Records found by table. */
    found: counts,
  }),
  z.strictObject({
    phase: z.literal('chunk'),
    /** Tables that are not done; the first is at hand. */
    tables: z.array(z.string()),
    /** The bucket of the table at hand to go on from; empty for the first. */
    from: z.string(),
    /** Records found by table, doubles counted twice. */
    walked: counts,
    /** Final counts by table, of the buckets that are done. */
    found: counts,
  }),
]);

/** A relationship that is being followed from the records of one level. */
export type RelationshipCursor = z.infer<typeof relationshipCursorSchema>;
export type IdentifyCursor = z.infer<typeof cursorSchema>;
/** Looking through shared records. */
export type ScanCursor = Extract<IdentifyCursor, { phase: 'scan' }>;
/** Identifying level by level. */
export type LevelCursor = Extract<IdentifyCursor, { phase: 'walk' }>;
/** Writing chunks. */
export type ChunkCursor = Extract<IdentifyCursor, { phase: 'chunk' }>;

/** The cursor as the orchestration carries it. */
export function encodeCursor(cursor: IdentifyCursor): string {
  return JSON.stringify(cursor);
}

/** The cursor of a text that `encodeCursor` made. */
export function decodeCursor(text: string): IdentifyCursor {
  return cursorSchema.parse(JSON.parse(text));
}

/** A record in a cycle is found at ever deeper levels by an action that begins at the deepest one; no real path is so long. */
const MAX_LEVELS = 40;

/** What comes when all relationships under a level were followed: the next level, or the chunks when nothing was found there or it was the last. */
export function decideNextLevel(
  plan: CascadePlan,
  { level, found, below, settling = {} }: LevelCursor,
): IdentifyCursor {
  const { lastLevel = MAX_LEVELS } = ruleOf(plan);
  const legs = [
    ...(level < lastLevel ? relationshipsToFollow(plan, Object.keys(below)) : []),
    ...(level < MAX_LEVELS ? settlingRelationships(Object.keys(settling)) : []),
  ];
  return legs.length > 0 ? { phase: 'walk', level: level + 1, legs, found, below: {} } : chunksOf(found);
}

/** What comes when everything was found. */
export function chunksOf(found: Readonly<Record<string, number>>): ChunkCursor {
  return { phase: 'chunk', tables: Object.keys(found).sort(), from: '', walked: { ...found }, found: {} };
}

/** The relationships that lead down from records of these tables. */
export function relationshipsToFollow(plan: CascadePlan, tables: readonly string[]): RelationshipCursor[] {
  const follow = ruleOf(plan).follow?.(plan);
  return tables
    .filter(isTableName)
    .flatMap((table) => relationshipsUnder(table))
    .filter(({ name }) => (plan.behaviors[name] ?? 'None') !== 'None' || follow?.from === 'none')
    .map(({ name }) => ({ relationship: name, pages: 0 }));
}

/** The relationships that lead down from records of these tables whose children are only settled. */
function settlingRelationships(tables: readonly string[]): RelationshipCursor[] {
  return tables
    .filter(isTableName)
    .flatMap((table) => relationshipsUnder(table))
    .map(({ name }) => ({ relationship: name, pages: 0, settles: true }));
}
