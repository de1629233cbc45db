/** Which inherited rights have lost their way: the pure part of Revoke Inherited Access. */
import type { Behavior } from '../../catalogue/relationships.ts';
import { lookupsOf } from '../../catalogue/relationships.ts';
import { isReached } from '../../records/reach.ts';
import type { RecordValue } from '../../records/record.ts';

/** A record on the way from a source to a record that inherits from it. */
export type LinkedRecord = Pick<RecordValue, 'table' | 'id' | 'ownerId' | 'state' | 'lookups'>;

/** What ways are judged by. */
export interface LinkLookup {
  /** The relationship over which Share doesn't reach any more. */
  readonly relationship: string;
  /** Behaviour of Share by relationship, as it is now. */
  readonly behaviors: Readonly<Record<string, Behavior>>;
  /** A record that lies above the one in question; undefined when there is none. */
  readonly find: (table: string, id: string) => LinkedRecord | undefined;
}

/** A longer way than this is none that was made. */
const MAX_STEPS = 40;

interface Step {
  readonly relationship: string;
  readonly child: LinkedRecord;
}

/**
 * Of the records that a record has rights from, those that lie above it over the relationship, and that Share doesn't reach
 * it from over any other way. On that way `UserOwned` compares with the owner that the source has now.
 */
export function lostSources(record: LinkedRecord, sources: ReadonlySet<string>, lines: LinkLookup): Set<string> {
  const { relationship, behaviors } = lines;
  const lost = new Set<string>();
  const reached = new Set<string>();
  for (const { sourceId, ownerId, steps } of waysUp(record, [], lines)) {
    if (!sources.has(sourceId)) continue;
    if (steps.some((step) => step.relationship === relationship)) lost.add(sourceId);
    const isWay = steps.every((step) => isReached(behaviors[step.relationship] ?? 'None', step.child, ownerId));
    if (isWay) reached.add(sourceId);
  }
  return new Set([...lost].filter((id) => !reached.has(id)));
}

interface Way {
  readonly sourceId: string;
  /** Owner of the record at the top; empty when it is gone. */
  readonly ownerId: string;
  readonly steps: readonly Step[];
}

/** All ways from a record to those above it; one that comes back to itself ends. */
function* waysUp(at: LinkedRecord, before: readonly Step[], lines: LinkLookup): Generator<Way> {
  if (before.length >= MAX_STEPS || before.some(({ child }) => child.id === at.id)) return;
  for (const { name, parent: table } of lookupsOf(at.table)) {
    const sourceId = at.lookups[name];
    if (sourceId === undefined) continue;
    const steps = [...before, { relationship: name, child: at }];
    const source = lines.find(table, sourceId);
    yield { sourceId, ownerId: source?.ownerId ?? '', steps };
    if (source) yield* waysUp(source, steps, lines);
  }
}
