/**
 * The behaviours that relationships have now: the catalogue's defaults, and over them what administrators changed. Table
 * `relationships`, one partition, so that a change and its entry in the log are one transaction. This is a storage format:
 *
 *  - RowKey `current|<name>`: what differs from the defaults, by somebody's wish.
 *  - RowKey `change|<name>|<version, counted backwards>`: who changed what, old and new. Never removed.
 */
import { z } from 'zod';
import {
  BEHAVIORS,
  type Behavior,
  type Behaviors,
  findRelationship,
  RELATIONSHIP_ACTIONS,
  RELATIONSHIPS,
  type Relationship,
  type RelationshipAction,
} from '../../catalogue/relationships.ts';
import { parseStored, unchecked } from '../../storage/json-column.ts';
import { afterPrefix, numberKey } from '../../storage/keys.ts';
import { checkIfMatch } from '../../storage/preconditions.ts';
import type { Storage } from '../../storage/storage.ts';
import { StorageUnavailable } from '../../storage/storage-errors.ts';
import type { Row, StoredRow, Write } from '../../storage/table.ts';
import { brokenRules, isEqual } from './behavior-rules.ts';

/** A relationship as it is now. */
export interface CurrentRelationship {
  readonly relationship: Relationship;
  readonly behaviors: Behaviors;
  /** 1 as shipped, one more with each change. */
  readonly version: number;
  /** Who wrote this version, and when (ISO 8601 UTC); absent as shipped. */
  readonly modifiedBy?: string;
  readonly modifiedOn?: string;
}

/** One entry of the log. */
export interface BehaviorChange {
  /** The version that the change made. */
  readonly version: number;
  readonly changedBy: string;
  readonly changedOn: string;
  readonly changes: readonly { readonly name: RelationshipAction; readonly old: Behavior; readonly new: Behavior }[];
}

/** Schema of an entry of the log. */
export const behaviorChangeSchema = z.strictObject({
  version: z.number().int().describe('The version that the change made.'),
  changedBy: z.string(),
  changedOn: z.iso.datetime(),
  changes: z.array(
    z.strictObject({ name: z.enum(RELATIONSHIP_ACTIONS), old: z.enum(BEHAVIORS), new: z.enum(BEHAVIORS) }),
  ),
});

/** Reading of behaviours, for whoever plans an action. */
export interface BehaviorReader {
  /** The behaviour of an action by relationship, from storage. Relationships whose behaviour is None are left out. */
  behaviorsOf(action: RelationshipAction): Promise<Readonly<Record<string, Behavior>>>;
}

/** The stored behaviours. */
export interface RelationshipStore extends BehaviorReader {
  /** All relationships, in the order of the catalogue. */
  list(): Promise<CurrentRelationship[]>;
  /** The relationship; undefined when the catalogue has none of this name. */
  find(name: string): Promise<CurrentRelationship | undefined>;
  /**
   * Gives a relationship other behaviours and logs it. `decide` makes them from the present ones or throws its refusal; the
   * same ones change nothing. Throws Problem version-required or stale-version.
   */
  change(change: {
    readonly relationship: Relationship;
    readonly decide: (current: Behaviors) => Behaviors;
    readonly by: string;
    readonly ifMatch: number | undefined;
  }): Promise<{ readonly before: CurrentRelationship; readonly after: CurrentRelationship }>;
  /** The log of a relationship, newest first; `below` is the version that an earlier page ended with. */
  changes(
    name: string,
    pageSize: number,
    below?: number,
  ): Promise<{ items: BehaviorChange[]; below: number | undefined }>;
}

interface CurrentRow extends Row {
  /** JSON of the behaviours that differ from the defaults. */
  behaviors: string;
  version: number;
  modifiedBy: string;
  modifiedOn: string;
}

interface ChangeRow extends Row {
  body: string;
}

const PARTITION = 'relationships';
const CURRENT = 'current|';
const LAST_VERSION = 999_999_999;
const MAX_ROUNDS = 20;

/** Opens the behaviours. */
export function openRelationships(storage: Storage, now: () => number = Date.now): RelationshipStore {
  const table = storage.table('relationships');

  async function list(): Promise<CurrentRelationship[]> {
    const rows = new Map<string, CurrentRow>();
    const range = { partitionKey: PARTITION, from: CURRENT, to: afterPrefix(CURRENT) };
    for await (const row of table.rows<CurrentRow>(range)) rows.set(row.rowKey.slice(CURRENT.length), row);
    return RELATIONSHIPS.map((relationship) => toCurrent(relationship, rows.get(relationship.name)));
  }

  const readRow = (name: string) => table.get<CurrentRow>(PARTITION, CURRENT + name);

  return {
    list,
    async behaviorsOf(action) {
      const behaviors = (await list()).map((entry) => [entry.relationship.name, entry.behaviors[action]] as const);
      return Object.fromEntries(behaviors.filter(([, behavior]) => behavior !== 'None'));
    },
    async find(name) {
      const relationship = findRelationship(name);
      return relationship && toCurrent(relationship, await readRow(name));
    },
    async change({ relationship, decide, by, ifMatch }) {
      for (let round = 0; round < MAX_ROUNDS; round++) {
        const row = await readRow(relationship.name);
        const before = toCurrent(relationship, row);
        checkIfMatch({ ifMatch, version: before.version, required: true, what: `relationship ${relationship.name}` });
        const behaviors = decide(before.behaviors);
        if (isEqual(behaviors, before.behaviors)) return { before, after: before };
        const { version } = before;
        const on = new Date(now()).toISOString();
        const after = { relationship, behaviors, version: version + 1, modifiedBy: by, modifiedOn: on };
        if ((await table.write(changeWrites(before, after, row))).ok) return { before, after };
      }
      throw new StorageUnavailable('change a relationship', new Error(`overtaken ${MAX_ROUNDS} times`));
    },
    async changes(name, pageSize, below) {
      const prefix = `change|${name}|`;
      const start = below === undefined ? { from: prefix } : { after: changeKey(name, below) };
      const range = { partitionKey: PARTITION, ...start, to: afterPrefix(prefix) };
      const { rows, more } = await table.page<ChangeRow>(range, pageSize);
      const items = rows.map(({ body }) => parseStored('body', unchecked<BehaviorChange>(), body));
      return { items, below: more ? items.at(-1)?.version : undefined };
    },
  };
}

function changeWrites(
  { behaviors: old }: CurrentRelationship,
  after: CurrentRelationship & { readonly modifiedBy: string; readonly modifiedOn: string },
  stored: StoredRow<CurrentRow> | undefined,
): Write[] {
  const { relationship, behaviors, version, modifiedBy, modifiedOn } = after;
  const { name, defaults } = relationship;
  const own = RELATIONSHIP_ACTIONS.filter((action) => behaviors[action] !== defaults[action]);
  const row: CurrentRow = {
    partitionKey: PARTITION,
    rowKey: CURRENT + name,
    behaviors: JSON.stringify(Object.fromEntries(own.map((action) => [action, behaviors[action]]))),
    version,
    modifiedBy,
    modifiedOn,
  };
  const changes = RELATIONSHIP_ACTIONS.filter((action) => behaviors[action] !== old[action]).map((action) => ({
    name: action,
    old: old[action],
    new: behaviors[action],
  }));
  const entry: BehaviorChange = { version, changedBy: modifiedBy, changedOn: modifiedOn, changes };
  const log = { partitionKey: PARTITION, rowKey: changeKey(name, version), body: JSON.stringify(entry) };
  return [stored ? { kind: 'replace', row, etag: stored.etag } : { kind: 'insert', row }, { kind: 'insert', row: log }];
}

function changeKey(name: string, version: number): string {
  return `change|${name}|${numberKey(LAST_VERSION - version, 9)}`;
}

/** What is stored over what is shipped. A stored behaviour that its action no longer allows is passed over. */
function toCurrent(relationship: Relationship, row: CurrentRow | undefined): CurrentRelationship {
  if (!row) return { relationship, behaviors: relationship.defaults, version: 1 };
  const stored = parseStored('behaviors', unchecked<Partial<Behaviors>>(), row.behaviors);
  const legal = Object.entries(stored).filter(
    ([action, behavior]) => action in relationship.defaults && brokenRules({ [action]: behavior }).length === 0,
  );
  const behaviors = { ...relationship.defaults, ...Object.fromEntries(legal) };
  const { version, modifiedBy, modifiedOn } = row;
  return { relationship, behaviors, version, modifiedBy, modifiedOn };
}
