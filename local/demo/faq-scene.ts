import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiAnswer, type ApiCall, ApiClient } from './api-client.ts';
import type { StoryHost } from './story-host.ts';

/** Why a customer isn't visible, as the product explains it. */
interface Explanation {
  readonly code: string;
  readonly sentence: string;
  readonly nextAction: string;
}

/** A feature, or why it can't be switched. */
interface FeatureAnswer {
  readonly detail: string;
  readonly missingPrerequisites?: readonly { readonly key: string }[];
}

/** What a channel is answered when it changes a customer. */
interface Accepted {
  readonly operationId: string;
  readonly customerId: string;
  readonly mode: 'Async' | 'RealTime';
  readonly reason?: string;
  readonly missingJobs?: readonly string[];
}

/** A customer as its channel shows it. */
export interface View {
  readonly accountNumber: string;
  readonly syncStatus: string;
  readonly phone?: string;
}

const PATIENCE_MS = 120_000;

/** Two channels and an administrator of their own, for the questions; it talks HTTP alone. */
export class FaqScene {
  readonly #host: Pick<StoryHost, 'url' | 'token'>;
  readonly #channels = new Map<string, ApiClient>();
  readonly admin: ApiClient;
  readonly tell: (sentence: string) => void;

  private constructor(host: Pick<StoryHost, 'url' | 'token'>, admin: ApiClient, tell: (sentence: string) => void) {
    this.#host = host;
    this.admin = admin;
    this.tell = tell;
  }

  static async open(host: Pick<StoryHost, 'url' | 'token'>, tell: (sentence: string) => void): Promise<FaqScene> {
    return new FaqScene(host, new ApiClient(host.url, await host.token('Administrator')), tell);
  }

  async putFeature(key: string, enabled: boolean): Promise<ApiAnswer<FeatureAnswer>> {
    return this.admin.call<FeatureAnswer>(`/features/${key}`, { method: 'PUT', body: { enabled } });
  }

  async openChannel(id: string): Promise<void> {
    const body = { name: id, kind: 'POS', profile: { createCustomerInAsyncMode: true } };
    await this.admin.must(`/channels/${id}`, { method: 'PUT', body });
    this.#channels.set(id, new ApiClient(this.#host.url, await this.#host.token('Channel', id)));
  }

  /** A call of a channel below its customers, which must succeed: `as('store', '/<id>')`. */
  async as<Body = Accepted>(channel: string, path = '', call: ApiCall = {}): Promise<Body> {
    const client = this.#channels.get(channel);
    if (!client) throw new Error(`Channel ${channel} is not open`);
    return (await client.must<Body>(`/channels/${channel}/customers${path}`, call)).body;
  }

  /** Runs a job to its end; gives its counts. */
  async run(job: string): Promise<Readonly<Record<string, number>>> {
    const path = job === 'customer-sync' ? '/customer-sync/runs' : `/cdx-jobs/${job}/runs`;
    const { body } = await this.admin.must<{ runId: string }>(path, { method: 'POST', body: {} });
    return this.ended(`${path}/${body.runId}`);
  }

  async ended(path: string): Promise<Readonly<Record<string, number>>> {
    const endMs = Date.now() + PATIENCE_MS;
    for (;;) {
      const { body } = await this.admin.must<{ status: string; counts: Record<string, number> }>(path);
      if (body.status === 'Completed') return body.counts;
      if (body.status === 'Failed' || Date.now() > endMs) throw new Error(`${path} is ${body.status}`);
      await sleep(20);
    }
  }

  async setCacheAge(seconds: number | null): Promise<void> {
    const { headers } = await this.admin.must('/settings');
    const ifMatch = headers.get('etag') ?? '';
    await this.admin.must('/settings', { method: 'PATCH', body: { cacheMaxAgeSeconds: seconds }, ifMatch });
  }

  /** Has the product explain, tells what it says, and checks its code. */
  async explained(channel: string, customer: string, code: string): Promise<Explanation> {
    const query = `channel=${channel}&customer=${customer}`;
    const { body } = await this.admin.must<Explanation>(`/customer-sync/explain?${query}`);
    equal('code of the explanation', body.code, code);
    this.tell(`  explain → ${body.code}: ${body.sentence}`);
    this.tell(`            ${body.nextAction}`);
    return body;
  }

  /** What waits between a channel and headquarters. */
  async waiting(channel: string): Promise<Readonly<Record<string, number>>> {
    interface Pipeline {
      readonly channels: readonly { readonly waiting: Record<string, number> }[];
    }
    const { body } = await this.admin.must<Pipeline>(`/customer-sync/pipeline?channel=${channel}`);
    const waiting = body.channels[0]?.waiting ?? {};
    this.tell(`  pipeline of ${channel} → ${JSON.stringify(waiting)}`);
    return waiting;
  }
}

export function equal(what: string, seen: unknown, expected: unknown): void {
  const [left, right] = [JSON.stringify(seen), JSON.stringify(expected)];
  if (left !== right) throw new Error(`The ${what} is ${left}, expected ${right}`);
}
