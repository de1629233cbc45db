import type { ActivityRef } from '../../../orchestrations/activity.ts';
import {
  advanceJob,
  applyStep,
  createCascadeActivities,
  identifyStep,
  notePause,
  noteRetry,
} from '../../../orchestrations/cascade/cascade-activities.ts';
import { cascadeIdentify, cascadeJob, cascadeLane } from '../../../orchestrations/cascade/cascade-job.ts';
import { commandJob } from '../../../shared/cascade/jobs/command-job.ts';
import { type Job, newJob, type RecordedCommand } from '../../../shared/cascade/jobs/job.ts';
import type { JobInstances } from '../../../shared/cascade/jobs/job-instances.ts';
import { reconcileJobs } from '../../../shared/cascade/jobs/reconcile-jobs.ts';
import { startJob } from '../../../shared/cascade/jobs/start-job.ts';
import type { AssignPlan } from '../../../shared/cascade/plans.ts';
import { builtInRole } from '../../../shared/security/roles.ts';
import { defaultSettings, type Settings } from '../../../shared/settings/settings.ts';
import { type BatchScript, FakeCascadeRecords } from './fake-cascade-records.ts';
import { type Activity, MemoryHub } from './memory-hub.ts';
import { MemoryJobs, MemoryPaces, MemoryRoots } from './memory-jobs.ts';

export const JOB_ID = '11111111-1111-4111-8111-111111111111';
export const ROOT_ID = '22222222-2222-4222-8222-222222222222';

export function testJob(change: Partial<AssignPlan> = {}): Job {
  const plan: AssignPlan = {
    jobId: JOB_ID,
    action: 'assign',
    table: 'account',
    recordId: ROOT_ID,
    ownerId: 'kim',
    formerOwnerId: 'ann',
    behaviors: { account_contacts: 'All' },
    lanes: 2,
    by: 'ann',
    createdOn: '2026-03-01T12:00:00.000Z',
    ...change,
  };
  return newJob(plan, 'Administrator');
}

/** A batch that fails and may be tried again. */
export const busy = () => ({ kind: 'transient', text: 'Storage is busy.', durationMs: 1 }) as const;

/** Scripts that the second batch of each lane fails for good, which pauses the job. */
export const failsOnce: BatchScript = ({ call }) =>
  call === 2 ? { kind: 'permanent', text: 'No.', recordIds: ['r'] } : undefined;

/** Holds what awaits `opened` until `open` is called. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** The job side of cascades in memory: real orchestrations, activities and commands over fake records, in virtual time. */
export class OrchestrationFixture {
  readonly jobs = new MemoryJobs();
  readonly rootClaims = new MemoryRoots();
  readonly batchPaces = new MemoryPaces();
  /** Busy answers of storage so far. */
  busyCount = 0;
  readonly cascadeRecords = new FakeCascadeRecords();
  readonly enabled = new Set(['ann', 'kim']);
  /** Called before each activity by name; throws what a host or storage would. */
  beforeActivity: (name: string, input: unknown) => Promise<void> | void = () => undefined;
  /** Called after each activity, before its orchestration learns of it. */
  afterActivity: (name: string, output: unknown) => Promise<void> | void = () => undefined;
  settings: Settings = defaultSettings({ timersEnabled: true, disabledPlugins: [] });
  readonly hub: MemoryHub;
  readonly log: string[] = [];
  /** Wakes that are let through; a lost one is only counted. */
  loseWakes = false;
  #ids = 0;

  constructor() {
    const services = {
      jobs: this.jobs,
      rootClaims: this.rootClaims,
      batchPaces: this.batchPaces,
      busyCount: () => this.busyCount,
      cascadeRecords: this.cascadeRecords,
      access: { principalOfUser: async (id: string) => this.#principalOf(id) },
      settings: { readSettings: async () => ({ settings: this.settings, version: 0 }) },
      newId: () => `event-${++this.#ids}`,
      now: () => this.hub.clock.now(),
      log: (message: string) => this.log.push(message),
    };
    const activities = createCascadeActivities(services);
    this.hub = new MemoryHub({
      orchestrations: { cascadeJob, cascadeIdentify, cascadeLane },
      activities: Object.fromEntries([
        this.#activity(advanceJob, activities.advanceJob),
        this.#activity(noteRetry, activities.noteRetry),
        this.#activity(notePause, activities.notePause),
        this.#activity(identifyStep, activities.identifyStep),
        this.#activity(applyStep, activities.applyStep),
      ]),
    });
  }

  readonly instances: JobInstances = {
    start: (jobId) => this.hub.start('cascadeJob', jobId, { jobId }),
    wake: async (jobId) => {
      if (!this.loseWakes) await this.hub.raise(jobId, 'wake');
    },
    state: async (jobId) => {
      const status = this.hub.instance(jobId)?.status;
      if (status === undefined) return 'none';
      return ['Completed', 'Failed', 'Terminated'].includes(status) ? 'ended' : 'alive';
    },
  };

  get job(): Job {
    const job = this.jobs.stored.get(JOB_ID);
    if (!job) throw new Error('The job is not stored');
    return job;
  }

  async start(job: Job = testJob()): Promise<void> {
    await startJob(this, job, this.instances);
  }

  /** Starts the job, and holds each lane at its batch number `call` (left out: at every one) until what it gives is called. */
  async startHeld(call?: number): Promise<() => void> {
    const { opened, open } = gate();
    this.cascadeRecords.onBatch = async (batch) => {
      if (call === undefined || batch.call === call) await opened;
      return undefined;
    };
    await this.start();
    await this.hub.pass(1);
    return open;
  }

  async command(
    command: RecordedCommand['command'],
    id = `command-${++this.#ids}`,
    records?: readonly string[],
  ): Promise<Job> {
    const on = new Date(this.hub.clock.now()).toISOString();
    return commandJob(
      this,
      { jobId: JOB_ID, command: { id, command, by: 'ann', on, records }, ifMatch: undefined },
      this.instances,
    );
  }

  reconcile() {
    const { jobs, rootClaims, cascadeRecords, settings, hub } = this;
    const sync = { stateOf: async () => 'running' as const };
    const ports = {
      jobs,
      rootClaims,
      cascadeRecords,
      sync,
      areJobsPaused: async () => settings.pauseAllJobs,
      now: () => hub.clock.now(),
    };
    return reconcileJobs(ports, this.instances);
  }

  untilStatus(status: Job['status'], limitSeconds?: number): Promise<void> {
    return this.hub.until(() => this.job.status === status, limitSeconds);
  }

  /** States that the job went through, each once in a row. */
  get path(): string[] {
    const states = this.jobs.history.map(({ status }) => status);
    return states.filter((status, at) => status !== states[at - 1]);
  }

  async #principalOf(userId: string) {
    if (!this.enabled.has(userId)) return { state: 'disabled' as const, name: userId };
    const grants = builtInRole('Administrator')?.privileges ?? [];
    return { state: 'enabled' as const, principal: { userId, grants } };
  }

  #activity<I, O>(ref: ActivityRef<I, O>, work: (input: I) => Promise<O>): [string, Activity] {
    const run = async (input: unknown): Promise<O> => {
      await this.beforeActivity(ref.name, input);
      const output = ref.output.parse(await work(ref.input.parse(input)));
      await this.afterActivity(ref.name, output);
      return output;
    };
    return [ref.name, run];
  }
}
