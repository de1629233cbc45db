import { z } from 'zod';
import { lookupsOf } from '../catalogue/relationships.ts';
import { columnsOf, type TableName } from '../catalogue/tables.ts';
import { guidSchema } from './record-ids.ts';

/** Id of a user, role, channel or affiliation. */
const nameId = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,64}$/, 'takes 1 to 64 letters, digits, dots, underscores or hyphens');

/** A record's id, or, for tables with a unique column, its value there: told apart and looked up later. */
const reference = z.string().min(1).max(200);

/** The body that makes a record of a table: its columns beside id, ownerId, state and lookups. Unknown names are refused. */
export function createSchema(table: TableName) {
  const columns: Record<string, z.ZodType> = {};
  for (const [name, column] of writableColumns(table)) {
    columns[name] = column.required ? column.schema : column.schema.nullish();
  }
  const lookups = Object.fromEntries(lookupsOf(table).map(({ name }) => [name, reference.nullish()]));
  return z.strictObject({
    ...columns,
    id: guidSchema.optional(),
    ownerId: nameId.optional(),
    state: z.enum(['Active', 'Inactive']).optional(),
    lookups: z.strictObject(lookups).optional(),
  });
}

/** The merge-patch of a record: null clears, except in required columns. `ownerId` is named so that it can be refused with the way to go. */
export function patchSchema(table: TableName) {
  const columns: Record<string, z.ZodType> = {};
  for (const [name, column] of writableColumns(table)) {
    columns[name] = column.required ? column.schema.optional() : column.schema.nullish();
  }
  const lookups = Object.fromEntries(lookupsOf(table).map(({ name }) => [name, reference.nullish()]));
  return z.strictObject({
    ...columns,
    ownerId: z.unknown().optional(),
    state: z.enum(['Active', 'Inactive']).optional(),
    lookups: z.strictObject(lookups).optional(),
  });
}

/** Columns that a merge may be asked to set: null clears, except in required ones. Unique values stay where they are. */
export function contentSchema(table: TableName) {
  const columns = writableColumns(table).filter(([, { unique }]) => !unique);
  return z.strictObject(
    Object.fromEntries(
      columns.map(([name, { required, schema }]) => [name, required ? schema.optional() : schema.nullish()]),
    ),
  );
}

function writableColumns(table: TableName) {
  return Object.entries(columnsOf(table)).filter(([, column]) => !column.readOnly);
}
