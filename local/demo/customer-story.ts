/**
 * The story: two channels make and change customers without waiting for headquarters, the upload and the sync job carry
 * the changes there, the download brings the account numbers back, and in each phase the host is killed once. It talks
 * HTTP alone, as channels and administrators do.
 */
import { mapParallel } from '../../shared/storage/parallel.ts';
import { ApiClient } from './api-client.ts';
import { switchOnAsynchronousMode } from './asynchronous-mode.ts';
import { checkHeadquarters } from './customer-checks.ts';
import { type AcceptedCustomer, CHANNELS, type PlannedCustomer, planStory, type Step } from './customer-plan.ts';
import type { StoryHost } from './story-host.ts';

export interface StoryOptions {
  readonly customers: number;
  readonly host: StoryHost;
  /** Told a sentence at each turn of the story, and counts on the way. */
  readonly tell: (sentence: string) => void;
  readonly progress: (what: string, done: number, total: number) => void;
}

interface Accepted {
  readonly operationId: string;
  readonly customerId: string;
  readonly addressId?: string;
  readonly addressIds?: readonly string[];
}

interface Run {
  readonly runId: string;
  readonly status: 'Queued' | 'Running' | 'Completed' | 'Failed';
  readonly counts: Readonly<Record<string, number>>;
  readonly error?: string;
}

interface Operation {
  readonly id: string;
  readonly customerAsyncId: string;
  readonly status: string;
  readonly lastError: string | null;
}

/** How many cash desks and browsers of a channel send at the same time. */
const CALLERS = 8;

/** Plays the story and checks its end. Rejects at the first thing that is not as promised. */
export async function playStory({ customers, host, tell, progress }: StoryOptions): Promise<void> {
  const admin = new ApiClient(host.url, await host.token('Administrator'));
  const plan = planStory(customers);
  await openChannels(admin);
  tell('Asynchronous mode is switched on: four features, and 1110, 1010 and 1070 to let the channels know.');

  tell(`${customers} customers walk into two channels. Headquarters is not asked.`);
  const killing = new OneKill(host, tell);
  const accepted = await stage(plan, host, killing, progress);
  await killing.done();
  expectNone(await accountsAtHeadquarters(admin, plan), 'headquarters shows customers that were never uploaded');

  tell('P-0001 carries the changes to headquarters, in the order of their replication counters.');
  await runKilled(admin, host, '/cdx-jobs/P-0001/runs', tell);
  expectNone(await accountsAtHeadquarters(admin, plan), 'headquarters shows customers that were never synchronized');

  tell('The sync job applies them, each customer’s in order.');
  await runKilled(admin, host, '/customer-sync/runs', tell);

  const failed = await failedOperations(admin);
  tell(`${failed.length} operations failed: ${failed.map(({ lastError }) => lastError).join(' | ')}`);
  const mended = await mendOne(admin, accepted, failed);
  tell('One of them was edited and synchronized; what it held back followed.');

  tell('1010 brings the account numbers back to the channels.');
  await runKilled(admin, host, '/cdx-jobs/1010/runs', tell);

  await checkHeadquarters({ admin, host, accepted, mended, progress });
  tell('Every customer stands at headquarters exactly once, with one account number, its changes in order.');
}

async function openChannels(admin: ApiClient): Promise<void> {
  for (const channel of CHANNELS) {
    const body = {
      name: channel,
      kind: channel === 'web-shop' ? 'ECommerce' : 'POS',
      profile: { createCustomerInAsyncMode: true },
    };
    await admin.must(`/channels/${channel}`, { method: 'PUT', body });
  }
  await switchOnAsynchronousMode(admin);
}

/** Sends every step, each customer's one after the other, many customers at a time; some requests twice. */
async function stage(
  plan: readonly PlannedCustomer[],
  host: StoryHost,
  killing: OneKill,
  progress: StoryOptions['progress'],
): Promise<AcceptedCustomer[]> {
  const clients = new Map<string, ApiClient>();
  for (const channel of CHANNELS) clients.set(channel, new ApiClient(host.url, await host.token('Channel', channel)));
  let sent = 0;
  return mapParallel(plan, CALLERS, async (customer) => {
    const client = clients.get(customer.channel);
    if (!client) throw new Error(`No client for channel ${customer.channel}`);
    const result = await sendCustomer(client, customer);
    progress('customers accepted', ++sent, plan.length);
    if (sent === Math.floor(plan.length / 2)) killing.start();
    return result;
  });
}

async function sendCustomer(client: ApiClient, plan: PlannedCustomer): Promise<AcceptedCustomer> {
  const base = `/channels/${plan.channel}/customers`;
  let customerId = '';
  const addressIds: string[] = [];
  for (const [at, step] of plan.steps.entries()) {
    const call = requestOf(step, base, customerId, addressIds);
    const idempotencyKey = `story-${plan.number}-${at}`;
    const { body } = await client.must<Accepted>(call.path, { method: call.method, body: call.body, idempotencyKey });
    if ((plan.number + at) % 10 === 0) {
      const again = await client.must<Accepted>(call.path, { method: call.method, body: call.body, idempotencyKey });
      if (again.body.operationId !== body.operationId)
        throw new Error(`A repeated request became a second operation: ${idempotencyKey}`);
    }
    customerId = body.customerId;
    if (step.do === 'createCustomer') addressIds.push(...(body.addressIds ?? []));
    if (step.do === 'createAddress') addressIds.push(body.addressId ?? '');
  }
  return { plan, customerId, addressIds };
}

function requestOf(step: Step, base: string, customerId: string, addressIds: readonly string[]) {
  const customer = `${base}/${customerId}`;
  switch (step.do) {
    case 'createCustomer':
      return { method: 'POST', path: base, body: { ...step.body, addresses: step.addresses } } as const;
    case 'editCustomer':
      return { method: 'PATCH', path: customer, body: step.body } as const;
    case 'createAddress':
      return { method: 'POST', path: `${customer}/addresses`, body: step.body } as const;
    case 'editAddress':
      return { method: 'PATCH', path: `${customer}/addresses/${addressIds[step.address]}`, body: step.body } as const;
    case 'deactivateAddress':
      return { method: 'DELETE', path: `${customer}/addresses/${addressIds[step.address]}`, body: undefined } as const;
  }
}

/** Starts a job, kills the host as soon as the job is under way, and waits until it has completed all the same. */
async function runKilled(admin: ApiClient, host: StoryHost, path: string, tell: StoryOptions['tell']): Promise<void> {
  const { body } = await admin.must<Run>(path, { method: 'POST', body: {} });
  await waitForRun(admin, `${path}/${body.runId}`, (run) => run.status !== 'Queued');
  tell('… kill -9 of the host in the middle of it …');
  await host.killAndRestart();
  const run = await waitForRun(
    admin,
    `${path}/${body.runId}`,
    ({ status }) => status === 'Completed' || status === 'Failed',
  );
  if (run.status === 'Failed') throw new Error(`${path} failed: ${run.error}`);
  tell(`… it went on and completed: ${JSON.stringify(run.counts)}.`);
}

async function waitForRun(admin: ApiClient, path: string, isThere: (run: Run) => boolean): Promise<Run> {
  const endMs = Date.now() + 120_000;
  for (;;) {
    const { body } = await admin.must<Run>(path);
    if (isThere(body)) return body;
    if (Date.now() > endMs) throw new Error(`${path} is still ${body.status} after two minutes`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function accountsAtHeadquarters(admin: ApiClient, plan: readonly PlannedCustomer[]): Promise<string[]> {
  const names = new Set(plan.map(({ steps }) => steps[0]?.do === 'createCustomer' && steps[0].body.name));
  const found: string[] = [];
  for await (const { name } of admin.list<{ name: string }>('/tables/account')) if (names.has(name)) found.push(name);
  return found;
}

async function failedOperations(admin: ApiClient): Promise<Operation[]> {
  const failed: Operation[] = [];
  for await (const operation of admin.list<Operation>('/customer-sync/operations?status=Failed'))
    failed.push(operation);
  return failed;
}

/** Edits the refused value of one failed operation, synchronizes it, and gives its customer. */
async function mendOne(
  admin: ApiClient,
  accepted: readonly AcceptedCustomer[],
  failed: readonly Operation[],
): Promise<AcceptedCustomer> {
  const customer =
    accepted.find(({ plan }) => plan.refusedFor === 'email') ?? accepted.find(({ plan }) => plan.refusedFor);
  const operation = failed.find(({ customerAsyncId }) => customerAsyncId === customer?.customerId);
  if (!customer || !operation) throw new Error('No operation failed that should have');
  const { channel } = customer.plan;
  const good = {
    email: { email: 'mended@example.org' },
    currency: { currency: 'EUR' },
    language: { language: 'de-DE' },
  };
  const attributes = good[customer.plan.refusedFor ?? 'email'];
  const path = `/customer-sync/operations/${operation.id}`;
  const read = await admin.must(path);
  await admin.must(path, { method: 'PATCH', body: { attributes }, ifMatch: read.headers.get('etag') ?? '' });
  const { body } = await admin.must<Run>(`${path}/synchronize`, {
    method: 'POST',
    body: {},
    idempotencyKey: `mend-${operation.id}`,
  });
  await waitForRun(admin, `/customer-sync/runs/${body.runId}`, ({ status }) => status === 'Completed');
  const [first, ...rest] = customer.plan.steps;
  if (first?.do !== 'createCustomer')
    throw new Error(`Customer ${customer.plan.number} of ${channel} does not begin with its creation`);
  const steps = [{ ...first, body: { ...first.body, ...attributes } }, ...rest];
  return { ...customer, plan: { ...customer.plan, refusedFor: undefined, steps } };
}

function expectNone(found: readonly string[], wrong: string): void {
  if (found.length > 0) throw new Error(`${wrong}: ${found.slice(0, 3).join(', ')}`);
}

/** Kills the host once, beside what else goes on. */
class OneKill {
  readonly #host: StoryHost;
  readonly #tell: (sentence: string) => void;
  #running: Promise<void> | undefined;

  constructor(host: StoryHost, tell: (sentence: string) => void) {
    this.#host = host;
    this.#tell = tell;
  }

  start(): void {
    this.#tell('… kill -9 of the host while the channels are sending; they repeat what got no answer …');
    this.#running ??= this.#host.killAndRestart();
    // Whoever waits for `done` hears of a failure; until then it must not count as unhandled.
    this.#running.catch(() => undefined);
  }

  async done(): Promise<void> {
    await this.#running;
  }
}
