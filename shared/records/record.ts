import { z } from 'zod';
import type { ColumnValue } from '../catalogue/columns.ts';
import { lookupsOf } from '../catalogue/relationships.ts';
import { columnsOf, TABLE_NAMES, type TableName } from '../catalogue/tables.ts';

/** Whether a record is in use. */
export type RecordState = 'Active' | 'Inactive';

/** A record's value, as callers know it. */
export interface RecordValue {
  readonly id: string;
  readonly table: TableName;
  readonly ownerId: string;
  readonly state: RecordState;
  readonly createdOn: string;
  readonly createdBy: string;
  readonly modifiedOn: string;
  readonly modifiedBy: string;
  /** From 1 on; rises by one with each change. */
  readonly version: number;
  /** The table's own columns; those without a value are absent. */
  readonly columns: Readonly<Record<string, ColumnValue>>;
  /** Parent's id by relationship. */
  readonly lookups: Readonly<Record<string, string>>;
}

/** Who deleted a record and when; the row stays as a tombstone until it is purged. */
export interface Tombstone {
  readonly deletedOn: string;
  readonly deletedBy: string;
  readonly jobId: string | undefined;
}

/** `transaction`: a synchronous transaction is changing it. `fence`: it is being deleted, nothing may be put under it. */
export interface RecordLock {
  readonly kind: 'transaction' | 'fence';
  readonly jobId: string;
}

/** A record with all that its row holds. */
export interface StoredRecord {
  readonly value: RecordValue;
  readonly etag: string;
  readonly tombstone: Tombstone | undefined;
  readonly lock: RecordLock | undefined;
  /** Stamps of the last customer operations that were applied to it (applied-stamps.ts); empty for none. */
  readonly appliedSequence: string;
  /** Names the request that made it, so that a retry knows its own record. */
  readonly origin: string;
}

/** The JSON of a record: its columns stand beside the common ones. */
export function toBody({ value, tombstone }: Pick<StoredRecord, 'value' | 'tombstone'>): Record<string, unknown> {
  const { columns, lookups, state, ...common } = value;
  return { ...common, state: tombstone ? 'Deleted' : state, ...columns, lookups, ...tombstone };
}

const common = {
  id: z.guid(),
  ownerId: z.string(),
  createdOn: z.iso.datetime(),
  createdBy: z.string(),
  modifiedOn: z.iso.datetime(),
  modifiedBy: z.string(),
  version: z.number().int(),
  state: z.enum(['Active', 'Inactive', 'Deleted']),
  deletedOn: z.iso.datetime().optional(),
  deletedBy: z.string().optional(),
  jobId: z.guid().optional().describe('The job that deleted it.'),
};

function bodySchemaOf<Table extends TableName>(table: Table) {
  const columns = Object.entries(columnsOf(table)).map(([name, { required, schema }]) => [
    name,
    required ? schema : schema.optional(),
  ]);
  const lookups = lookupsOf(table).map(({ name }) => [name, z.guid().optional()]);
  return z.strictObject({
    ...common,
    table: z.literal(table),
    ...(Object.fromEntries(columns) as Record<string, z.ZodType>),
    lookups: z.strictObject(Object.fromEntries(lookups) as Record<string, z.ZodType>).describe('Ids of parents.'),
  });
}

const [firstTable = 'account', ...otherTables] = TABLE_NAMES;

/** Schema of a record's JSON, by its table. */
export const recordBodySchema = z.discriminatedUnion('table', [
  bodySchemaOf(firstTable),
  ...otherTables.map((table) => bodySchemaOf(table)),
]);
