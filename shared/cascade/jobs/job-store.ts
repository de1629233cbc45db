/**
 * Stored jobs. Table `jobs`, PartitionKey = job id:
 *
 *  - RowKey `job`: the job as JSON in `body0` … (`failedRecordsCommand` as `recordsWish`), its `status` and `version` for people
 *    who look at the table. A row with `abandoned` takes the place of a job that was claimed for but never made, so that it
 *    can't be made later.
 *  - RowKey `command|<command id>`: one row per command that was applied, inserted together with the change it made.
 *  - RowKey `pace`: how fast the job may go (batch-pace-store.ts), changed by itself under an ETag of its own.
 *  - RowKey `event|…`: the outbox (shared/events/outbox.ts), written together with the change that it tells of.
 *
 * Table `jobindex`: the list, newest first (shared/storage/newest-first.ts), scope `cascade`, with `createdBy`, `action` and
 * `table` as notes. Invariants:
 *
 *  JOB-1  A job's row changes only under the ETag that the change was decided on.
 *  JOB-2  The index row is there before the job; who lists looks at the job itself.
 *  JOB-3  A job notes its successor before that is made, under the claim on its roots; one that isn't there later is never
 *      made any more once another takes its place.
 */
import { z } from 'zod';
import { eventsOfChange, type SpillwayEvent } from '../../events/event.ts';
import { eventWrites, hintEvents } from '../../events/outbox.ts';
import { jsonColumn, parseStored } from '../../storage/json-column.ts';
import { type IndexEntry, indexWrite, newestFirst, type Place } from '../../storage/newest-first.ts';
import type { Storage } from '../../storage/storage.ts';
import { StorageUnavailable } from '../../storage/storage-errors.ts';
import type { Row, StoredRow, Write } from '../../storage/table.ts';
import { type Job, jobSchema, type RecordedCommand, recordedCommandSchema } from './job.ts';
import { jobEvents } from './job-events.ts';

/** What an entry of the list carries, for filters. */
export interface JobNotes {
  readonly createdBy: string;
  readonly action: string;
  /** Table of the root; absent in entries made before it was kept. */
  readonly table?: string;
}

/** What is to take a job's place, with the commands that lead to it. */
export interface JobChange {
  readonly job: Job;
  readonly commands?: readonly RecordedCommand[];
}

/** The stored jobs. */
export interface JobStore {
  /** The job; undefined when there is none (an abandoned one is none). */
  find(id: string): Promise<Job | undefined>;
  /** Makes a job and lists it; `exists` when it was made before, `abandoned` when it may not be made any more. */
  insert(job: Job): Promise<'inserted' | 'exists' | 'abandoned'>;
  /** Sees to it that a job that isn't there is never made; false when it is there. */
  abandon(id: string): Promise<boolean>;
  /**
   * Changes a job by what is stored of it; `decide` may run several times, may throw, and changes nothing by giving back
   * undefined or the same job. Gives the job as it is now and as it was before; undefined when there is none.
   */
  change(id: string, decide: (job: Job) => JobChange | undefined): Promise<{ job: Job; before: Job } | undefined>;
  /** A command that was applied under this id. */
  findCommand(jobId: string, commandId: string): Promise<RecordedCommand | undefined>;
  /** Commands that were applied to a job, oldest first. */
  commands(jobId: string): Promise<RecordedCommand[]>;
  /** Places of the jobs, newest first, from after a place on. */
  newestFirst(after: Place | undefined): AsyncGenerator<IndexEntry<JobNotes>>;
}

interface JobRow extends Row {
  status: string;
  version: number;
  abandoned?: boolean;
}

interface CommandRow extends Row {
  body: string;
}

/** Table of jobs, their commands and events. */
export const JOBS_TABLE = 'jobs';
/** RowKey of a job itself. */
export const JOB_KEY = 'job';
/** Table of the list, and the scope that jobs have in it. */
export const JOB_INDEX_TABLE = 'jobindex';
export const JOB_INDEX_SCOPE = 'cascade';
const COMMAND = 'command|';
/** More writers than this overtaking one another on one job is a fault. */
const MAX_ROUNDS = 30;

/** Opens the jobs. `now` gives the time in milliseconds since 1970. */
export function openJobs(storage: Storage, now: () => number = Date.now): JobStore {
  const table = storage.table(JOBS_TABLE);
  const index = storage.table(JOB_INDEX_TABLE);

  async function findCommand(jobId: string, commandId: string): Promise<RecordedCommand | undefined> {
    const row = await table.get<CommandRow>(jobId, `${COMMAND}${commandId}`);
    return row && toCommand(row);
  }

  async function appliedBefore(id: string, commands: readonly RecordedCommand[]): Promise<boolean> {
    const found = await Promise.all(commands.map((command) => findCommand(id, command.id)));
    return found.some((command) => command !== undefined);
  }

  /** What a change tells others of; their hint is written before the change. Most changes tell of nothing and cost nothing. */
  async function eventsOf(before: Job | undefined, job: Job): Promise<SpillwayEvent[]> {
    const at = { key: job.id, change: job.version, occurredOn: new Date(now()).toISOString() };
    const events = eventsOfChange(at, jobEvents(before, job));
    if (events.length > 0) await hintEvents(storage, 'job', job.id, now());
    return events;
  }

  async function change(id: string, decide: (job: Job) => JobChange | undefined): ReturnType<JobStore['change']> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const stored = await table.get<JobRow>(id, JOB_KEY);
      const before = toJob(stored);
      if (!stored || !before) return undefined;
      const decided = decide(before);
      const commands = decided?.commands ?? [];
      if (!decided || (decided.job === before && commands.length === 0)) return { job: before, before };
      const job = { ...decided.job, version: before.version + 1 };
      const writes: Write[] = [
        { kind: 'replace', row: toRow(job), etag: stored.etag },
        ...commands.map((command): Write => ({ kind: 'insert', row: toCommandRow(id, command) })),
        ...eventWrites(await eventsOf(before, job)),
      ];
      const written = await table.write(writes);
      if (written.ok) return { job, before };
      if (await appliedBefore(id, commands)) return change(id, () => undefined);
    }
    throw new StorageUnavailable(`change job ${id}`, new Error(`overtaken ${MAX_ROUNDS} times`));
  }

  return {
    async find(id) {
      return toJob(await table.get<JobRow>(id, JOB_KEY));
    },
    async insert(job) {
      const { createdOn, by, action, table: tableName } = job.plan;
      const listed = index.write([
        indexWrite(JOB_INDEX_SCOPE, createdOn, job.id, { createdBy: by, action, table: tableName }),
      ]);
      const [events] = await Promise.all([eventsOf(undefined, job), listed]);
      const written = await table.write([{ kind: 'insert', row: toRow(job) }, ...eventWrites(events)]);
      if (written.ok) return 'inserted';
      const stored = await table.get<JobRow>(job.id, JOB_KEY);
      return stored?.abandoned ? 'abandoned' : 'exists';
    },
    async abandon(id) {
      const row: JobRow = { partitionKey: id, rowKey: JOB_KEY, status: 'abandoned', version: 0, abandoned: true };
      const written = await table.write([{ kind: 'insert', row }]);
      if (written.ok) return true;
      return (await table.get<JobRow>(id, JOB_KEY))?.abandoned === true;
    },
    change,
    findCommand,
    async commands(jobId) {
      const { rows } = await table.page<CommandRow>({ partitionKey: jobId, from: COMMAND, to: 'command}' });
      return rows.map(toCommand).sort((a, b) => (a.on < b.on ? -1 : Number(a.on > b.on)));
    },
    newestFirst: (after) => newestFirst<JobNotes>(index, JOB_INDEX_SCOPE, after),
  };
}

const { failedRecordsCommand, ...others } = jobSchema.shape;
const BODY = jsonColumn('body', z.object({ ...others, recordsWish: failedRecordsCommand }));

function toRow({ failedRecordsCommand: recordsWish, ...job }: Job): JobRow {
  const { id, status, version } = job;
  return { partitionKey: id, rowKey: JOB_KEY, status, version, ...BODY.write({ ...job, recordsWish }) };
}

function toJob(row: StoredRow<JobRow> | undefined): Job | undefined {
  const stored = row && BODY.read(row);
  if (!stored) return undefined;
  const { recordsWish, ...job } = stored;
  return { ...job, failedRecordsCommand: recordsWish };
}

function toCommandRow(jobId: string, command: RecordedCommand): CommandRow {
  return { partitionKey: jobId, rowKey: `${COMMAND}${command.id}`, body: JSON.stringify(command) };
}

function toCommand({ body }: CommandRow): RecordedCommand {
  return parseStored('body', recordedCommandSchema, body);
}
