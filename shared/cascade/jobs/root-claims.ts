/**
 * Claims on the roots of cascades: a record has one job at a time. Table `jobroots`, PartitionKey = record id, RowKey =
 * table, `jobId`, `claimedOn`. A claim is only ever inserted and deleted; it is deleted with the ETag under which it was
 * seen to belong to the job that gives it up. The table so holds one row per job that hasn't ended.
 */

import type { TableName } from '../../catalogue/tables.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Row } from '../../storage/table.ts';
import type { CascadeRoot } from '../plans.ts';

/** Table of the claims. */
export const ROOTS_TABLE = 'jobroots';

/** A claim as stored. */
export interface RootClaim extends CascadeRoot {
  readonly jobId: string;
  readonly claimedOn: string;
}

interface ClaimRow extends Row {
  jobId: string;
  claimedOn: string;
}

/** The claims on roots. */
export interface RootClaims {
  /** Claims a root for a job. Gives the id of the job that has it: the given one, also when it had it before, or another. */
  claim(root: CascadeRoot, jobId: string, on: string): Promise<string>;
  /** Gives up a job's claim; nothing happens when it doesn't have it. */
  free(root: CascadeRoot, jobId: string): Promise<void>;
  /** All claims, in no particular order. */
  all(): AsyncGenerator<RootClaim>;
}

/** Opens the claims. */
export function openRootClaims(storage: Storage): RootClaims {
  const table = storage.table(ROOTS_TABLE);
  return {
    async claim({ table: name, recordId }, jobId, on) {
      const key = { partitionKey: recordId, rowKey: name };
      for (;;) {
        const written = await table.write([{ kind: 'insert', row: { ...key, jobId, claimedOn: on } }]);
        if (written.ok) return jobId;
        const stored = await table.get<ClaimRow>(recordId, name);
        if (stored) return stored.jobId;
      }
    },
    async free({ table: name, recordId }, jobId) {
      const stored = await table.get<ClaimRow>(recordId, name);
      if (stored?.jobId === jobId) await table.delete(recordId, name, stored.etag);
    },
    async *all() {
      for await (const row of table.rows<ClaimRow>({})) {
        const { partitionKey: recordId, rowKey, jobId, claimedOn } = row;
        yield { recordId, table: rowKey as TableName, jobId, claimedOn };
      }
    },
  };
}
