/**
 * Runs of jobs, one at a time per job, whoever asks for them and whatever dies in between.
 *
 *  RUN-1  A run exists once the job's claim row was inserted; the claim names the run, and the run's id is the id of
 *      its orchestration. Claim, then run row, then start: whoever comes later finds the claim and does what is
 *      missing.
 *  RUN-2  Joining a run raises the claim's counter If-Match. The run ends by closing the claim If-Match the counter
 *      that it saw before its last look; so a request either is seen by that look, or makes the run look again, or
 *      finds the run closed and starts a new one.
 *  RUN-3  A closed claim carries the run's end; the run's row says so before the claim goes. Whoever finds it closed
 *      may finish that.
 *  RUN-4  An instance that doesn't find its own claim open does nothing. So starting a run twice, or again after its
 *      end, does no harm.
 */
import { z } from 'zod';
import { Problem } from '../problem.ts';
import type { Place } from '../storage/newest-first.ts';
import type { Instances } from './instances.ts';
import { type Counts, countsSchema, JOBS, type JobName, type Run, type RunInput } from './run.ts';
import { type Claim, decideRequest, joinedInput, type RequestDecision, type WhenRunning } from './run-decisions.ts';
import type { RunStore } from './run-store.ts';

/** How a request for a run ended: a new run, or the one that was there. */
export interface Requested {
  readonly runId: string;
  readonly outcome: 'started' | 'joined' | 'running';
}

const endSchema = z.strictObject({
  status: z.enum(['Completed', 'Failed']),
  completedOn: z.string(),
  counts: countsSchema.optional(),
  error: z.string().nullable(),
});
type End = z.infer<typeof endSchema>;

/** Rounds that others may win before we give up for now. */
const MAX_ROUNDS = 20;

/** Begins, joins and ends runs. */
export class RunRegistry {
  readonly #store: RunStore;
  readonly #now: () => number;

  constructor(store: RunStore, now: () => number = Date.now) {
    this.#store = store;
    this.#now = now;
  }

  /** Starts a run, or does about the one that is there what the caller wants; heals what a crash has left. */
  async request(
    job: JobName,
    instances: Instances,
    { input = {}, whenRunning }: { readonly input?: RunInput; readonly whenRunning: WhenRunning },
  ): Promise<Requested> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const claim = await this.#store.findClaim(job);
      const requested = claim
        ? await this.#requestAt(job, instances, claim, { input, whenRunning })
        : await this.#startNew(job, instances, input);
      if (requested) return requested;
    }
    throw new Problem(
      'job-asked-for-by-many',
      { job },
      {
        retryAfterSeconds: 1,
      },
    );
  }

  async #startNew(job: JobName, instances: Instances, input: RunInput): Promise<Requested | undefined> {
    const claim = await this.#store.claim(job, input, this.#on());
    if (!claim) return undefined;
    await this.#start(job, instances, claim);
    return { runId: claim.runId, outcome: 'started' };
  }

  /** What a request does about a claim that is there. Undefined: the claim has changed or gone, to be looked at anew. */
  async #requestAt(
    job: JobName,
    instances: Instances,
    claim: Claim,
    { input, whenRunning }: { readonly input: RunInput; readonly whenRunning: WhenRunning },
  ): Promise<Requested | undefined> {
    const { runId } = claim;
    const instance = await instances.state(runId);
    const decision = decideRequest(claim, instance, whenRunning, this.#now());
    if (decision === 'running') return { runId, outcome: 'running' };
    if (decision !== 'join') {
      await this.#mend(job, instances, claim, decision);
      return decision === 'start' ? { runId, outcome: 'started' } : undefined;
    }
    const joined = { requests: claim.requests + 1, input: joinedInput(claim.input, input) };
    if (!(await this.#store.replaceClaim(job, { ...claim, ...joined }))) return undefined;
    if (instance === 'none') await this.#start(job, instances, claim);
    return { runId, outcome: 'joined' };
  }

  async #mend(job: JobName, instances: Instances, claim: Claim, decision: RequestDecision): Promise<void> {
    if (decision === 'close') await this.#finishClosing(job, claim);
    if (decision === 'fail') await this.#close(job, claim, this.#died());
    if (decision === 'start') await this.#start(job, instances, claim);
  }

  /** Mends what a crash has left of a job's run, if anything; starts nothing new. */
  async heal(job: JobName, instances: Instances): Promise<void> {
    const claim = await this.#store.findClaim(job);
    if (!claim) return;
    const decision = decideRequest(claim, await instances.state(claim.runId), 'leave', this.#now());
    await this.#mend(job, instances, claim, decision);
  }

  /** The run with this id; heals it first when it isn't over. */
  async find(job: JobName, runId: string, instances: Instances): Promise<Run | undefined> {
    const run = await this.#store.findRun(job, runId);
    if (!run || run.status === 'Completed' || run.status === 'Failed') return run;
    await this.heal(job, instances);
    return this.#store.findRun(job, runId);
  }

  /** A job's runs, newest first. */
  list(job: JobName, pageSize: number, after?: Place): Promise<{ items: Run[]; after: Place | undefined }> {
    return this.#store.listRuns(job, pageSize, after);
  }

  /** The job's newest run, and the one it is at. */
  async latest(job: JobName): Promise<Run | undefined> {
    return (await this.#store.listRuns(job, 1)).items[0];
  }

  /** For the run itself, at its beginning: whether it is to go on (RUN-4), with what input, and the counter to end with. */
  async begin(job: JobName, runId: string): Promise<{ input: RunInput; requests: number } | undefined> {
    const claim = await this.#store.findClaim(job);
    if (claim?.runId !== runId || claim.closing !== '') return undefined;
    const startedOn = this.#on();
    await this.#store.changeRun(job, claim, (run) =>
      run.status === 'Queued' ? { ...run, status: 'Running', startedOn } : run,
    );
    return { input: claim.input, requests: claim.requests };
  }

  /**
   * For the run itself, at its end. When somebody has joined since `requests` was seen the run isn't over: the answer is
   * what `begin` answers. A run that has failed is over in any case.
   */
  async finish(
    job: JobName,
    runId: string,
    {
      requests,
      counts,
      error,
    }: { readonly requests: number; readonly counts?: Counts | undefined; readonly error?: string },
  ): Promise<{ input: RunInput; requests: number } | undefined> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const claim = await this.#store.findClaim(job);
      if (claim?.runId !== runId) return undefined;
      if (claim.closing !== '') {
        await this.#finishClosing(job, claim);
        return undefined;
      }
      if (error === undefined && claim.requests !== requests) return { input: claim.input, requests: claim.requests };
      const status = error === undefined ? 'Completed' : 'Failed';
      const end = { status, completedOn: this.#on(), counts, error: error ?? null } as const;
      if (await this.#close(job, claim, end)) return undefined;
    }
    throw new Error(`Run ${runId} of job ${job} can't be closed: its claim changes again and again`);
  }

  async #start(job: JobName, instances: Instances, claim: Claim): Promise<void> {
    await this.#store.putRun(job, claim);
    await instances.start(JOBS[job].orchestration, claim.runId);
  }

  /** Closes a claim with the run's end. False: the claim has changed. */
  async #close(job: JobName, claim: Claim, end: End): Promise<boolean> {
    if (!(await this.#store.replaceClaim(job, { ...claim, closing: JSON.stringify(end) }))) return false;
    const closed = await this.#store.findClaim(job);
    if (closed?.runId === claim.runId) await this.#finishClosing(job, closed);
    return true;
  }

  /** Writes the end that a closed claim carries to the run's row, then takes the claim away (RUN-3). */
  async #finishClosing(job: JobName, claim: Claim): Promise<void> {
    const { counts, ...end } = endSchema.parse(JSON.parse(claim.closing));
    await this.#store.changeRun(job, claim, (run) => ({ ...run, ...end, counts: counts ?? run.counts }));
    await this.#store.removeClaim(job, claim);
  }

  #died(): End {
    const error =
      'The run ended without a word: its instance failed or was terminated. What it had not done, the next run does.';
    return { status: 'Failed', completedOn: this.#on(), error };
  }

  #on(): string {
    return new Date(this.#now()).toISOString();
  }
}
