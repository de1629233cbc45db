/** A local host for tests of system jobs over HTTP: makes families of records, starts cascades, waits for states. */
import { randomUUID } from 'node:crypto';
import type { HostFaults } from '../../../local/faults/host-faults.ts';
import { callHost, type HostAnswer } from '../../support/host-call.ts';
import {
  createHostFaults,
  eventually,
  type SpawnedHost,
  sharedHost,
  spawnLocalHost,
} from '../../support/local-host.ts';

export interface JobBody {
  readonly id: string;
  readonly action: string;
  readonly status: string;
  readonly label: string;
  readonly phase: string;
  readonly retryCount: number;
  readonly batchSize: number;
  readonly throttledBy: string | null;
  readonly progress: {
    readonly total: number;
    readonly done: number;
    readonly failed: number;
    readonly skipped: number;
  };
  readonly pauseReason: { readonly code: string; readonly records?: readonly string[] } | null;
  readonly messages: readonly { readonly code: string; readonly text: string }[];
  readonly legalCommands: readonly string[];
  readonly startedOn: string;
  readonly completedOn: string;
  readonly jobId?: string;
}

export interface Family {
  readonly root: string;
  readonly contacts: readonly string[];
}

const BATCH = 1000;

export class JobsHost {
  readonly host: SpawnedHost;
  readonly faults: HostFaults;
  readonly #token: string;

  readonly #isShared: boolean;

  private constructor(host: SpawnedHost, token: string, faults: HostFaults, isShared: boolean) {
    this.host = host;
    this.#token = token;
    this.faults = faults;
    this.#isShared = isShared;
  }

  /** Gives the host that test files share; with settings, one of its own. */
  static async start(env?: Readonly<Record<string, string>>): Promise<JobsHost> {
    const { host, faults } = env ? await startOwn(env) : await sharedHost();
    const jobs = new JobsHost(host, await host.token('--role', 'Administrator'), faults, env === undefined);
    for (const user of ['ann', 'kim', 'lee']) {
      await jobs.call('PUT', `/users/${user}`, { name: user, enabled: true, roles: ['Administrator'] });
    }
    return jobs;
  }

  async dispose(): Promise<void> {
    this.faults.end();
    if (!this.#isShared) await this.host.dispose();
  }

  call<Body = JobBody>(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<HostAnswer<Body>> {
    return callHost(this.host, this.#token, method, path, body, headers);
  }

  /** An account of ann's with contacts. */
  async family(contacts: number, root: string = randomUUID()): Promise<Family> {
    await this.call('POST', '/tables/account', { id: root, name: 'Root', ownerId: 'ann' });
    const ids = Array.from({ length: contacts }, () => randomUUID() as string);
    for (let at = 0; at < ids.length; at += BATCH) {
      const records = ids.slice(at, at + BATCH).map((id) => ({
        id,
        fullName: 'Contact',
        ownerId: 'ann',
        lookups: { account_contacts: root },
      }));
      const { body } = await this.call<{ results: { status: number }[] }>('POST', '/tables/contact/batch', { records });
      const refused = body.results.find(({ status }) => status !== 201);
      if (refused) throw new Error(`A contact was refused: ${JSON.stringify(refused)}`);
    }
    return { root, contacts: ids };
  }

  /** Starts an asynchronous Assign; gives the job's id. */
  async assign({ root }: Family, ownerId = 'kim'): Promise<string> {
    const { status, body, text } = await this.call<{ jobId: string }>('POST', `/tables/account/${root}/assign`, {
      ownerId,
      mode: 'async',
    });
    if (status !== 202) throw new Error(`The assign answered ${status}: ${text}`);
    return body.jobId;
  }

  async job(id: string): Promise<JobBody> {
    return (await this.call('GET', `/system-jobs/${id}`)).body;
  }

  /** Waits until the job is as wanted. */
  async until(id: string, isSo: (job: JobBody) => boolean, limitMs?: number): Promise<JobBody> {
    return eventually(async () => {
      const job = await this.job(id);
      return isSo(job) ? job : undefined;
    }, limitMs);
  }

  untilStatus(id: string, status: string, limitMs?: number): Promise<JobBody> {
    return this.until(id, (job) => job.status === status, limitMs);
  }

  async command(id: string, command: string, body?: unknown): Promise<HostAnswer<JobBody>> {
    return this.call('POST', `/system-jobs/${id}/${command}`, body);
  }

  async settings(change: Readonly<Record<string, unknown>>): Promise<void> {
    const { headers } = await this.call('GET', '/settings');
    const { status, text } = await this.call('PATCH', '/settings', change, { 'if-match': headers.get('etag') ?? '' });
    if (status !== 200) throw new Error(`PATCH /settings answered ${status}: ${text}`);
  }

  async ownerOf(table: string, id: string): Promise<string> {
    return (await this.call<{ ownerId: string }>('GET', `/tables/${table}/${id}`)).body.ownerId;
  }
}

async function startOwn(env: Readonly<Record<string, string>>) {
  const faults = createHostFaults();
  return { host: await spawnLocalHost({ env: { ...faults.env, ...env } }), faults };
}
