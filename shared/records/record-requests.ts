/** What callers send for a record, checked and put into the form that the record store takes. */
import type { z } from 'zod';
import type { ColumnValue } from '../catalogue/columns.ts';
import { lookupsOf } from '../catalogue/relationships.ts';
import { isTableName, type TableName } from '../catalogue/tables.ts';
import { parse } from '../http/request-parts.ts';
import { Problem } from '../problem.ts';
import type { Change } from './change-record.ts';
import { noSuchRecord } from './no-such-record.ts';
import type { RecordState, RecordValue } from './record.ts';
import { isGuid, isOwnId } from './record-ids.ts';
import { createSchema, patchSchema } from './record-schema.ts';
import type { RecordStore } from './record-store.ts';
import type { BehaviorReader } from './relationships/relationship-store.ts';

/** The table that a path names. Throws Problem not-found. */
export function tableFromPath(name: string): TableName {
  if (isTableName(name)) return name;
  throw new Problem('table-unknown', { table: name });
}

/** The id that a path or lookup names: a GUID, or the value of the table's unique column. Undefined when nothing has that value. */
export async function resolveId(store: RecordStore, table: TableName, reference: string): Promise<string | undefined> {
  const lower = reference.toLowerCase();
  if (isGuid(lower)) return lower;
  return store.uniqueValues.find(table, reference);
}

/** What a caller asks to be made; who and when is added by the endpoint. */
export interface RequestedRecord {
  readonly id: string | undefined;
  readonly ownerId: string | undefined;
  readonly state: RecordState;
  readonly columns: RecordValue['columns'];
  readonly lookups: RecordValue['lookups'];
}

/** Parses the body of a new record. Throws Problem invalid-request (form), rule-broken (an id of ours, an unknown parent). */
export async function parseNewRecord(store: RecordStore, table: TableName, body: unknown): Promise<RequestedRecord> {
  const { id, ownerId, state, lookups, ...columns } = parse<z.infer<ReturnType<typeof createSchema>>>(
    createSchema(table),
    body,
    'body',
  );
  if (id !== undefined && isOwnId(id)) {
    throw new Problem('record-id-version-8', {});
  }
  const resolved = await resolveLookups(store, table, lookups ?? {});
  return {
    id,
    ownerId,
    state: state ?? 'Active',
    columns: withValues<ColumnValue>(columns),
    lookups: withValues(resolved),
  };
}

/** Parses a merge-patch. Throws Problem invalid-request, use-an-action (owner, parents that cascade), rule-broken. */
export async function parsePatch(
  store: RecordStore,
  relationships: BehaviorReader,
  table: TableName,
  body: unknown,
): Promise<Change> {
  const { ownerId, state, lookups, ...columns } = parse<z.infer<ReturnType<typeof patchSchema>>>(
    patchSchema(table),
    body,
    'body',
  );
  if (ownerId !== undefined) {
    throw new Problem('owner-needs-assign', { address: `/api/tables/${table}/{id}/assign` });
  }
  const names = Object.keys(lookups ?? {});
  const [reparents, shares] =
    names.length > 0
      ? await Promise.all([relationships.behaviorsOf('Reparent'), relationships.behaviorsOf('Share')])
      : [{}, {}];
  for (const name of names) {
    // Rights that came down over it are to go, and others to come.
    if (reparents[name] === undefined && shares[name] === undefined) continue;
    throw new Problem('lookup-needs-reparent', { lookup: name, address: `/api/tables/${table}/{id}/reparent` });
  }
  const values = columns as Readonly<Record<string, ColumnValue | null | undefined>>;
  return { state, columns: values, lookups: await resolveLookups(store, table, lookups ?? {}) };
}

async function resolveLookups(
  store: RecordStore,
  table: TableName,
  lookups: Readonly<Record<string, string | null | undefined>>,
): Promise<Record<string, string | null>> {
  const resolved: Record<string, string | null> = {};
  for (const { name, parent } of lookupsOf(table)) {
    const wanted = lookups[name];
    if (wanted === undefined) continue;
    const id = wanted === null ? null : await resolveId(store, parent, wanted);
    if (id === undefined) throw noSuchRecord(`lookups.${name}`, parent);
    resolved[name] = id;
  }
  return resolved;
}

function withValues<T>(given: Readonly<Record<string, unknown>>): Record<string, T> {
  const entries = Object.entries(given).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(entries) as Record<string, T>;
}
