import { isDeepStrictEqual } from 'node:util';
import { mapParallel } from '../../shared/storage/parallel.ts';
import { ApiClient } from './api-client.ts';
import { type AcceptedCustomer, CHANNELS, type ExpectedCustomer, expectedOf } from './customer-plan.ts';
import type { StoryHost } from './story-host.ts';

interface Account {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly accountNumber?: string;
  readonly [field: string]: unknown;
}

interface Checks {
  readonly admin: ApiClient;
  readonly host: StoryHost;
  readonly accepted: readonly AcceptedCustomer[];
  /** The customer whose failed operation was mended, with the plan as mended. */
  readonly mended: AcceptedCustomer;
  readonly progress: (what: string, done: number, total: number) => void;
}

/** Looks at headquarters and at the channels' views, customer by customer. Rejects with the first difference. */
export async function checkHeadquarters({ admin, host, accepted, mended, progress }: Checks): Promise<void> {
  const customers = accepted.map((each) => (each.customerId === mended.customerId ? mended : each));
  const wanted = new Map(customers.map((each) => [each.customerId, each]));
  const accounts = new Map<string, Account>();
  for await (const account of admin.list<Account>('/tables/account')) {
    if (accounts.has(account.id)) throw new Error(`The list of accounts shows ${account.id} twice`);
    if (wanted.has(account.id)) accounts.set(account.id, account);
    else if (
      [...wanted.values()].some(
        ({ plan }) => plan.steps[0]?.do === 'createCustomer' && plan.steps[0].body.name === account.name,
      )
    ) {
      throw new Error(`A second account was made for ${account.name}`);
    }
  }
  const numbers = new Set<string>();
  const channels = new Map<string, ApiClient>();
  for (const channel of CHANNELS) channels.set(channel, new ApiClient(host.url, await host.token('Channel', channel)));
  let checked = 0;
  await mapParallel(customers, 8, async (customer) => {
    const account = accounts.get(customer.customerId);
    await checkCustomer(admin, customer, account);
    if (account?.accountNumber) numbers.add(account.accountNumber);
    const channel = channels.get(customer.plan.channel);
    if (channel) await checkView(channel, customer, account);
    progress('customers checked', ++checked, customers.length);
  });
  if (numbers.size !== accounts.size) throw new Error(`${accounts.size} accounts have ${numbers.size} account numbers`);
}

async function checkCustomer(
  admin: ApiClient,
  { plan, customerId, addressIds }: AcceptedCustomer,
  account: Account | undefined,
): Promise<void> {
  const what = `customer ${plan.number} (${customerId})`;
  if (plan.refusedFor) {
    if (account) throw new Error(`${what} was refused for its ${plan.refusedFor}, yet stands at headquarters`);
    return;
  }
  if (!account) throw new Error(`${what} is missing at headquarters`);
  const expected = expectedOf(plan.steps);
  differ(what, pick(account, Object.keys(expected.fields)), expected.fields);
  differ(`version of ${what}`, account.version, expected.version);
  if (!account.accountNumber) throw new Error(`${what} has no account number`);
  await checkAddresses(admin, what, customerId, addressIds, expected);
}

async function checkAddresses(
  admin: ApiClient,
  what: string,
  customerId: string,
  addressIds: readonly string[],
  expected: ExpectedCustomer,
): Promise<void> {
  const found = new Map<string, Account>();
  for await (const address of admin.list<Account>(`/tables/account/${customerId}/related/account_addresses`))
    found.set(address.id, address);
  differ(`number of addresses of ${what}`, found.size, expected.addresses.length);
  for (const [at, { fields, isActive, version }] of expected.addresses.entries()) {
    const address = found.get(addressIds[at] ?? '');
    const seen = address && { ...pick(address, Object.keys(fields)), state: address.state, version: address.version };
    differ(`address ${at} of ${what}`, seen, { ...fields, state: isActive ? 'Active' : 'Inactive', version });
  }
}

/** The channel shows the number that 1010 brought, and finds the customer by it. */
async function checkView(
  channel: ApiClient,
  { plan, customerId }: AcceptedCustomer,
  account: Account | undefined,
): Promise<void> {
  const path = `/channels/${plan.channel}/customers`;
  const { body } = await channel.must<Account>(`${path}/${customerId}`);
  differ(
    `account number that ${plan.channel} shows of ${customerId}`,
    body.accountNumber,
    account?.accountNumber ?? 'Pending sync',
  );
  differ(
    `status that ${plan.channel} shows of ${customerId}`,
    body.syncStatus,
    plan.refusedFor ? 'Failed' : 'Synchronized',
  );
  if (account) {
    const byNumber = await channel.must<Account>(`${path}/${account.accountNumber}`);
    differ(`customer that ${account.accountNumber} finds`, byNumber.body.customerAsyncId, customerId);
  }
}

function pick(from: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, from[name]]));
}

function differ(what: string, seen: unknown, expected: unknown): void {
  if (isDeepStrictEqual(seen, expected)) return;
  throw new Error(
    `${what} is not as it should be.\nSeen:     ${JSON.stringify(seen)}\nExpected: ${JSON.stringify(expected)}`,
  );
}
