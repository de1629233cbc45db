import { ApiClient } from './api-client.ts';
import { switchOnAsynchronousMode } from './asynchronous-mode.ts';
import { person } from './people.ts';

/** Who and what the demo data brings; the addresses that `npm start` prints speak of them. */
const ROLE = 'sales';
const USERS = [
  { id: 'alex', name: 'Alex Moreau' },
  { id: 'kim', name: 'Kim Jensen' },
];
const CHANNELS = [
  { id: 'store-1', name: 'Store 1, Copenhagen', kind: 'POS' },
  { id: 'web-shop', name: 'Web shop', kind: 'ECommerce' },
];
const ACCOUNTS = 5;
const CONTACTS_PER_ACCOUNT = 4;
const CUSTOMERS_PER_CHANNEL = 6;

interface Made {
  readonly id: string;
}

/**
 * Brings demo data into a running app over its HTTP API, as any client would: users, channels with a default customer,
 * a few accounts with contacts and orders, and customers that the channels have just made. Every call has an
 * Idempotency-Key of its own, so that doing it again changes nothing.
 *
 * @param baseUrl such as `http://127.0.0.1:7071`.
 * @param token an administrator's.
 */
export async function seedDemoData(baseUrl: string, token: string): Promise<void> {
  const api = new ApiClient(baseUrl, token);
  const known = await api.call(`/channels/${CHANNELS.at(-1)?.id}`);
  if (known.status === 200) return;
  await seedUsers(api);
  const accounts = await seedAccounts(api);
  for (const { id, ...channel } of CHANNELS) {
    const profile = { createCustomerInAsyncMode: true };
    await api.must(`/channels/${id}`, { method: 'PUT', body: { ...channel, profile, defaultCustomer: accounts[0] } });
  }
  await switchOnAsynchronousMode(api);
  await seedCustomers(api);
}

async function seedUsers(api: ApiClient): Promise<void> {
  const actions = ['Create', 'Read', 'Write', 'Assign', 'Append', 'AppendTo'];
  const privileges = actions.map((action) => ({ table: '*', action, depth: 'Organization' }));
  const role = await api.call(`/roles/${ROLE}`);
  if (role.status === 404) await api.must(`/roles/${ROLE}`, { method: 'PUT', body: { privileges } });
  for (const { id, name } of USERS) {
    await api.must(`/users/${id}`, { method: 'PUT', body: { name, enabled: true, roles: [ROLE] } });
  }
}

/** Accounts with contacts and orders, each owned by one of the users; the first is the channels' default customer. */
async function seedAccounts(api: ApiClient): Promise<string[]> {
  const ids: string[] = [];
  for (let at = 0; at < ACCOUNTS; at++) {
    const { name, email, currency, language } = person(900 + at);
    const ownerId = USERS[at % USERS.length]?.id;
    const fields =
      at === 0
        ? { name: 'Default customer', currency: 'EUR', language: 'en-US', group: '10', receiptPreference: 'Email' }
        : { name, email, currency, language };
    const account = await make(api, 'account', `account-${at}`, { ...fields, ownerId });
    ids.push(account);
    for (let each = 0; each < CONTACTS_PER_ACCOUNT; each++) {
      const who = person(1000 + at * CONTACTS_PER_ACCOUNT + each);
      const contact = { fullName: who.name, email: who.email, ownerId, lookups: { account_contacts: account } };
      const contactId = await make(api, 'contact', `contact-${at}-${each}`, contact);
      const order = { orderNumber: `S-${at}${each}`, amount: 100 + each, currency, ownerId };
      await make(api, 'order', `order-${at}-${each}`, {
        ...order,
        lookups: { account_orders: account, contact_orders: contactId },
      });
    }
  }
  return ids;
}

async function make(api: ApiClient, table: string, key: string, body: unknown): Promise<string> {
  const { body: made } = await api.must<Made>(`/tables/${table}`, {
    method: 'POST',
    body,
    idempotencyKey: `demo-${key}`,
  });
  return made.id;
}

/** Customers on their way to headquarters; the last of each channel will be refused there, to have something to mend. */
async function seedCustomers(api: ApiClient): Promise<void> {
  for (const [index, { id }] of CHANNELS.entries()) {
    for (let at = 0; at < CUSTOMERS_PER_CHANNEL; at++) {
      const { address, ...who } = person(index * CUSTOMERS_PER_CHANNEL + at + 1);
      const isBad = at === CUSTOMERS_PER_CHANNEL - 1;
      const body = {
        ...who,
        type: 'Person',
        addresses: [{ ...address, purpose: 'Home' }],
        ...(isBad && { currency: 'EURO' }),
      };
      await api.must(`/channels/${id}/customers`, { method: 'POST', body, idempotencyKey: `demo-customer-${at}` });
    }
  }
}
