/** The records and users of the story's second half, and a ledger of who changed what, by HTTP alone. */
import { mapParallel } from '../../shared/storage/parallel.ts';
import type { HostFaults } from '../faults/host-faults.ts';
import { ApiClient } from './api-client.ts';
import { person } from './people.ts';
import type { StoryHost } from './story-host.ts';

/** The host that the second half of the story happens to. */
export interface AssignStoryHost extends StoryHost {
  /** A bearer token of this user. */
  userToken(user: string): Promise<string>;
  /** Trouble with its storage. */
  readonly faults: HostFaults;
}

export interface SystemJob {
  readonly id: string;
  readonly status: string;
  readonly retryCount: number;
  readonly progress: {
    readonly total: number;
    readonly done: number;
    readonly failed: number;
    readonly skipped: number;
  };
  readonly pauseReason: {
    readonly code: string;
    readonly user?: string;
    readonly privilege?: string;
    readonly table?: string;
  } | null;
  readonly messages: readonly { readonly code: string; readonly text: string }[];
}

interface ChangeLogEntry {
  readonly recordId: string;
  readonly outcome: 'done' | 'failed' | 'skipped' | 'unprocessed';
  readonly changes: readonly { readonly name: string; readonly old: string; readonly new: string }[];
  readonly version: number | null;
}

interface StoredRecord {
  readonly id: string;
  readonly ownerId: string;
  readonly version: number;
  readonly phone?: string;
}

/** The table of the records that a story holds or fails the writes of. */
export const CONTACTS = 'recordscontact';
/** Transactions that go through before the next is held; fewer than the first batch of a lane has. */
const LET_THROUGH = 6;
const BATCH = 1000;
/** Every so many contacts one has an order, which the account reaches too: two paths lead to it. */
const ORDER_EVERY = 25;
const PATIENCE_MS = 120_000;

/** An account with contacts and orders under it, seen by an administrator. */
export class AssignScene {
  readonly admin: ApiClient;
  readonly host: AssignStoryHost;
  accountId = '';
  contactIds: string[] = [];
  orderIds: string[] = [];
  /** Phones that somebody else wrote while jobs ran, by contact. */
  readonly patched = new Map<string, string>();
  readonly jobIds: string[] = [];

  private constructor(host: AssignStoryHost, admin: ApiClient) {
    this.host = host;
    this.admin = admin;
  }

  static async build(host: AssignStoryHost, contacts: number): Promise<AssignScene> {
    const scene = new AssignScene(host, new ApiClient(host.url, await host.token('Administrator')));
    const actions = ['Read', 'Write', 'Assign'];
    const privileges = actions.map((action) => ({ table: '*', action, depth: 'Organization' }));
    await scene.admin.call('/roles/mover', { method: 'PUT', body: { privileges } });
    for (const user of ['ann', 'ben', 'carl', 'dora']) await scene.putUser(user, true);
    scene.accountId = await scene.#make('account', { name: 'Contoso Holding' });
    const { accountId } = scene;
    scene.contactIds = await scene.#makeMany(
      'contact',
      Array.from({ length: contacts }, (_, at) => ({
        fullName: person(at).name,
        lookups: { account_contacts: accountId },
      })),
    );
    scene.orderIds = await scene.#makeMany(
      'order',
      scene.contactIds
        .filter((_, at) => at % ORDER_EVERY === 0)
        .map((contact, at) => ({
          orderNumber: `S-${at}`,
          lookups: { contact_orders: contact, account_orders: accountId },
        })),
    );
    return scene;
  }

  /** The records that an Assign of the account reaches, the account included. */
  get size(): number {
    return 1 + this.contactIds.length + this.orderIds.length;
  }

  async putUser(id: string, enabled: boolean): Promise<void> {
    await this.admin.must(`/users/${id}`, { method: 'PUT', body: { name: id, enabled, roles: ['mover'] } });
  }

  /** Starts an Assign and gives its job's id. */
  async assign(ownerId: string, client = this.admin, table = 'account', id = this.accountId): Promise<string> {
    const { body } = await client.must<{ jobId: string }>(`/tables/${table}/${id}/assign`, {
      method: 'POST',
      body: { ownerId, mode: 'async' },
    });
    this.jobIds.push(body.jobId);
    return body.jobId;
  }

  /** Starts an Assign of the account whose writes are held in its middle: what follows happens there, until the faults end. */
  async assignHeld(ownerId: string, client = this.admin): Promise<string> {
    this.host.faults.make({ hold: { text: `/${CONTACTS}`, after: LET_THROUGH } });
    const job = await this.assign(ownerId, client);
    await this.host.faults.untilHeld();
    return job;
  }

  async job(id: string): Promise<SystemJob> {
    return (await this.admin.must<SystemJob>(`/system-jobs/${id}`)).body;
  }

  async command(id: string, command: string): Promise<{ jobId?: string }> {
    return (await this.admin.must<{ jobId?: string }>(`/system-jobs/${id}/${command}`, { method: 'POST', body: {} }))
      .body;
  }

  /** Waits until a job is as wished. Rejects when it ends otherwise, or takes too long. */
  async until(id: string, what: string, isThere: (job: SystemJob) => boolean): Promise<SystemJob> {
    const endMs = Date.now() + PATIENCE_MS;
    for (;;) {
      const job = await this.job(id);
      const { total, done, failed, skipped } = job.progress;
      if (total > 0 && done + failed + skipped > total)
        throw new Error(`Job ${id} counts more than its total: ${JSON.stringify(job)}`);
      if (isThere(job)) return job;
      const isOver = ['Completed', 'Failed', 'Canceled'].includes(job.status) || Date.now() > endMs;
      if (isOver) throw new Error(`Job ${id} should become ${what} but is: ${JSON.stringify(job)}`);
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  }

  completed(id: string): Promise<SystemJob> {
    return this.until(id, 'Completed', ({ status }) => status === 'Completed');
  }

  paused(id: string, code: string): Promise<SystemJob> {
    return this.until(
      id,
      `Paused (${code})`,
      ({ status, pauseReason }) => status === 'Paused' && pauseReason?.code === code,
    );
  }

  /** Somebody else edits some contacts meanwhile. */
  async patchContacts(every: number): Promise<void> {
    const chosen = this.contactIds.filter((_, at) => at % every === every - 1);
    await mapParallel(chosen, 4, async (id) => {
      const phone = `+45 ${id.slice(0, 8)}`;
      for (;;) {
        const read = await this.admin.must(`/tables/contact/${id}`);
        const ifMatch = read.headers.get('etag') ?? '';
        const { status } = await this.admin.call(`/tables/contact/${id}`, {
          method: 'PATCH',
          body: { phone },
          ifMatch,
        });
        if (status === 200) break;
        if (status !== 412) throw new Error(`A contact could not be edited: ${status}`);
      }
      this.patched.set(id, phone);
    });
  }

  /** How often each record was changed by any of the jobs, after their change logs; one entry per record and job. */
  async changesByRecord(): Promise<Map<string, number>> {
    const changes = new Map<string, number>();
    for (const jobId of this.jobIds) {
      const seen = new Set<string>();
      for await (const entry of this.admin.list<ChangeLogEntry>(`/system-jobs/${jobId}/changes`)) {
        if (seen.has(entry.recordId)) throw new Error(`Job ${jobId} lists record ${entry.recordId} twice`);
        seen.add(entry.recordId);
        if (entry.outcome === 'done' && entry.changes.length > 0)
          changes.set(entry.recordId, (changes.get(entry.recordId) ?? 0) + 1);
      }
      const { progress } = await this.job(jobId);
      if (seen.size !== progress.total) throw new Error(`Job ${jobId} lists ${seen.size} of ${progress.total} records`);
    }
    return changes;
  }

  /** Every record as it stands. */
  async *records(): AsyncGenerator<StoredRecord> {
    yield (await this.admin.must<StoredRecord>(`/tables/account/${this.accountId}`)).body;
    yield* this.admin.list<StoredRecord>(`/tables/account/${this.accountId}/related/account_contacts`);
    yield* this.admin.list<StoredRecord>(`/tables/account/${this.accountId}/related/account_orders`);
  }

  async #make(table: string, body: unknown): Promise<string> {
    return (await this.admin.must<{ id: string }>(`/tables/${table}`, { method: 'POST', body })).body.id;
  }

  async #makeMany(table: string, records: readonly unknown[]): Promise<string[]> {
    const ids: string[] = [];
    for (let at = 0; at < records.length; at += BATCH) {
      const call = { method: 'POST', body: { records: records.slice(at, at + BATCH) } } as const;
      const { body } = await this.admin.must<{ results: { id?: string }[] }>(`/tables/${table}/batch`, call);
      for (const { id } of body.results) ids.push(id ?? '');
    }
    return ids;
  }
}
