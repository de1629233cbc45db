import { type BatchPace, FIRST_PACE } from '../../../shared/cascade/jobs/batch-pace.ts';
import type { BatchPaceStore } from '../../../shared/cascade/jobs/batch-pace-store.ts';
import type { Job, RecordedCommand } from '../../../shared/cascade/jobs/job.ts';
import type { JobStore } from '../../../shared/cascade/jobs/job-store.ts';
import type { RootClaim, RootClaims } from '../../../shared/cascade/jobs/root-claims.ts';

/** Jobs in memory, for tests of what happens to them. `history` has every state that was stored. */
export class MemoryJobs implements JobStore {
  readonly stored = new Map<string, Job>();
  readonly abandoned = new Set<string>();
  readonly recorded: (RecordedCommand & { readonly jobId: string })[] = [];
  readonly history: Job[] = [];
  /** Called before each change; throws what storage would throw. */
  beforeChange: () => void = () => undefined;

  async find(id: string): Promise<Job | undefined> {
    return this.stored.get(id);
  }

  async insert(job: Job): Promise<'inserted' | 'exists' | 'abandoned'> {
    if (this.abandoned.has(job.id)) return 'abandoned';
    if (this.stored.has(job.id)) return 'exists';
    this.stored.set(job.id, job);
    return 'inserted';
  }

  async abandon(id: string): Promise<boolean> {
    if (this.stored.has(id)) return false;
    this.abandoned.add(id);
    return true;
  }

  change: JobStore['change'] = async (id, decide) => {
    this.beforeChange();
    const before = this.stored.get(id);
    if (!before) return undefined;
    const decided = decide(before);
    if (!decided || (decided.job === before && !decided.commands?.length)) return { job: before, before };
    const job = { ...decided.job, version: before.version + 1 };
    this.stored.set(id, job);
    this.history.push(job);
    this.recorded.push(...(decided.commands ?? []).map((command) => ({ ...command, jobId: id })));
    return { job, before };
  };

  async findCommand(jobId: string, commandId: string): Promise<RecordedCommand | undefined> {
    return this.recorded.find((command) => command.jobId === jobId && command.id === commandId);
  }

  async commands(jobId: string): Promise<RecordedCommand[]> {
    return this.recorded.filter((command) => command.jobId === jobId);
  }

  // biome-ignore lint/correctness/useYield: lists are tested over real storage
  async *newestFirst(): ReturnType<JobStore['newestFirst']> {
    throw new Error('Lists are tested over real storage');
  }
}

/** Claims in memory. */
export class MemoryRoots implements RootClaims {
  readonly claims = new Map<string, RootClaim>();

  claim: RootClaims['claim'] = async (root, jobId, on) => {
    const key = `${root.table} ${root.recordId}`;
    const held = this.claims.get(key);
    if (!held) this.claims.set(key, { ...root, jobId, claimedOn: on });
    return held?.jobId ?? jobId;
  };

  free: RootClaims['free'] = async (root, jobId) => {
    const key = `${root.table} ${root.recordId}`;
    if (this.claims.get(key)?.jobId === jobId) this.claims.delete(key);
  };

  async *all(): AsyncGenerator<RootClaim> {
    yield* [...this.claims.values()];
  }
}

/** Paces in memory. */
export class MemoryPaces implements BatchPaceStore {
  readonly stored = new Map<string, BatchPace>();

  async find(jobId: string): Promise<BatchPace> {
    return this.stored.get(jobId) ?? FIRST_PACE;
  }

  async change(jobId: string, decide: (pace: BatchPace) => BatchPace): Promise<BatchPace> {
    const pace = decide(await this.find(jobId));
    this.stored.set(jobId, pace);
    return pace;
  }
}
