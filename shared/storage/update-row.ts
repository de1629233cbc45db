import { StorageUnavailable } from './storage-errors.ts';
import type { Row, StoredRow, Table, Write } from './table.ts';

/** More than so many writers overtaking one another on one row is a fault, not contention. */
const MAX_ROUNDS = 20;

/**
 * Changes one row by what is stored in it: reads, lets `decide` make the new row (or throw its refusal), writes that with
 * the ETag that was read; begins again when another writer was faster. `decide` gets undefined while there is no row, and
 * must be free of side effects, for it may run several times. `alongside` gives further writes of the
 * same transaction, anew for each attempt.
 * `known`: the row as the caller saw it last, which saves the first reading.
 * Returns the row as written, its ETag, and the one it took the place of. Throws StorageUnavailable when others are faster again and
 * again.
 */
export async function updateRow<T extends Row>(
  table: Table,
  key: { readonly partitionKey: string; readonly rowKey: string },
  decide: (stored: StoredRow<T> | undefined) => T,
  alongside: () => Promise<readonly Write[]> = async () => [],
  known?: { readonly row: StoredRow<T> | undefined },
): Promise<{ readonly row: T; readonly etag: string; readonly before: StoredRow<T> | undefined }> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const stored = known && round === 0 ? known.row : await table.get<T>(key.partitionKey, key.rowKey);
    const row = decide(stored);
    const write: Write = stored ? { kind: 'replace', row, etag: stored.etag } : { kind: 'insert', row };
    const written = await table.write([write, ...(await alongside())]);
    if (written.ok) return { row, etag: written.etags[0] ?? '', before: stored };
  }
  throw new StorageUnavailable(`change ${table.name}`, new Error(`overtaken ${MAX_ROUNDS} times`));
}
