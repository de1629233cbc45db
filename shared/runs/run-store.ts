/**
 * Rows of runs. This is a storage format (docs/adr/0002).
 *
 * Table `runs`: PartitionKey = job | first digits of the run's id, RowKey = the run's id. Table `currentruns`:
 * PartitionKey `current`, RowKey = job: the claim of the run that the job is at. Table `listruns`: newest first, scope = job.
 */
import { randomUUID } from 'node:crypto';
import { fillPage, indexWrite, newestFirst, type Place } from '../storage/newest-first.ts';
import { MAX_PARALLEL, mapParallel } from '../storage/parallel.ts';
import type { Storage } from '../storage/storage.ts';
import type { Row, StoredRow, Table } from '../storage/table.ts';
import { updateRow } from '../storage/update-row.ts';
import {
  type Counts,
  countsSchema,
  type JobName,
  type Run,
  type RunInput,
  type RunStatus,
  runInputSchema,
} from './run.ts';
import type { Claim } from './run-decisions.ts';

interface RunRow extends Row {
  status: string;
  requestedOn: string;
  startedOn: string;
  completedOn: string;
  counts: string;
  error: string;
}

interface ClaimRow extends Row {
  runId: string;
  requests: number;
  input: string;
  claimedOn: string;
  closing: string;
}

const MAX_ERROR_LENGTH = 2_000;

/** Table of the list of runs, whose scopes are the jobs. */
export const RUN_LIST_TABLE = 'listruns';

/** The stored runs. */
export class RunStore {
  readonly #runs: Table;
  readonly #claims: Table;
  readonly #list: Table;

  constructor(storage: Storage) {
    this.#runs = storage.table('runs');
    this.#claims = storage.table('currentruns');
    this.#list = storage.table(RUN_LIST_TABLE);
  }

  async findClaim(job: JobName): Promise<Claim | undefined> {
    const row = await this.#claims.get<ClaimRow>('current', job);
    return row && toClaim(row);
  }

  /** Claims a job for a new run. Undefined: somebody else has. */
  async claim(job: JobName, input: RunInput, claimedOn: string): Promise<Claim | undefined> {
    const claim = { runId: randomUUID(), requests: 1, input, claimedOn, closing: '' };
    const written = await this.#claims.write([{ kind: 'insert', row: claimRow(job, claim) }]);
    return written.ok ? { ...claim, etag: written.etags[0] ?? '' } : undefined;
  }

  /** Writes a changed claim over the one that was read. False: it has changed or gone. */
  async replaceClaim(job: JobName, claim: Claim): Promise<boolean> {
    return (await this.#claims.write([{ kind: 'replace', row: claimRow(job, claim), etag: claim.etag }])).ok;
  }

  /** Takes a claim away, if it is still as it was read. */
  async removeClaim(job: JobName, { etag }: Claim): Promise<void> {
    await this.#claims.delete('current', job, etag);
  }

  /** Makes the run of a claim known; one that is known already stays as it is. */
  async putRun(job: JobName, { runId, claimedOn }: Claim): Promise<void> {
    await this.#list.write([indexWrite(job, claimedOn, runId, {})]);
    const run = { runId, job, status: 'Queued', requestedOn: claimedOn, startedOn: null, completedOn: null } as const;
    await this.#runs.write([{ kind: 'insert', row: runRow({ ...run, counts: {}, error: null }) }]);
  }

  /** Changes a run by what is stored of it. */
  async changeRun(job: JobName, claim: Pick<Claim, 'runId' | 'claimedOn'>, change: (run: Run) => Run): Promise<void> {
    const { runId, claimedOn: requestedOn } = claim;
    const unknown = { runId, job, status: 'Queued', requestedOn, startedOn: null, completedOn: null } as const;
    await updateRow<RunRow>(this.#runs, runKey(job, runId), (stored) =>
      runRow(change(stored ? toRun(job, stored) : { ...unknown, counts: {}, error: null })),
    );
  }

  async findRun(job: JobName, runId: string): Promise<Run | undefined> {
    const { partitionKey, rowKey } = runKey(job, runId);
    const row = await this.#runs.get<RunRow>(partitionKey, rowKey);
    return row && toRun(job, row);
  }

  /** Removes a run, if there is one. */
  async removeRun(job: JobName, runId: string): Promise<void> {
    const { partitionKey, rowKey } = runKey(job, runId);
    const row = await this.#runs.get<RunRow>(partitionKey, rowKey);
    if (row) await this.#runs.delete(partitionKey, rowKey, row.etag);
  }

  /** A job's runs, newest first. */
  async listRuns(job: JobName, pageSize: number, after?: Place): Promise<{ items: Run[]; after: Place | undefined }> {
    return fillPage(
      newestFirst<object>(this.#list, job, after),
      pageSize,
      () => true,
      (entries) => mapParallel(entries, MAX_PARALLEL, ({ id }) => this.findRun(job, id)),
    );
  }
}

function claimRow(job: JobName, { runId, requests, input, claimedOn, closing }: Omit<Claim, 'etag'>): ClaimRow {
  return { partitionKey: 'current', rowKey: job, runId, requests, input: JSON.stringify(input), claimedOn, closing };
}

function toClaim({ runId, requests, input, claimedOn, closing, etag }: StoredRow<ClaimRow>): Claim {
  return { runId, requests, input: runInputSchema.parse(JSON.parse(input)), claimedOn, closing, etag };
}

function runKey(job: JobName, runId: string): { partitionKey: string; rowKey: string } {
  return { partitionKey: `${job}|${runId.slice(0, 2)}`, rowKey: runId };
}

function runRow({ job, runId, status, requestedOn, startedOn, completedOn, counts, error }: Run): RunRow {
  return {
    ...runKey(job, runId),
    status,
    requestedOn,
    startedOn: startedOn ?? '',
    completedOn: completedOn ?? '',
    counts: JSON.stringify(counts),
    error: (error ?? '').slice(0, MAX_ERROR_LENGTH),
  };
}

function toRun(job: JobName, row: RunRow): Run {
  const counts: Counts = countsSchema.parse(JSON.parse(row.counts));
  return {
    runId: row.rowKey,
    job,
    status: row.status as RunStatus,
    requestedOn: row.requestedOn,
    startedOn: row.startedOn || null,
    completedOn: row.completedOn || null,
    counts,
    error: row.error || null,
  };
}
