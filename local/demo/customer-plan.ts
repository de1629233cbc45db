/**
 * What the two channels of the story do, as data: each customer's changes in order, which of them headquarters will
 * refuse, and what must stand there in the end. The same plan is played, checked and told.
 */
import { person } from './people.ts';

type Fields = Readonly<Record<string, string | number | boolean | null>>;

/** One change that a channel sends. Address changes name the address by its place among the customer's. */
export type Step =
  | { readonly do: 'createCustomer'; readonly body: Fields; readonly addresses: readonly Fields[] }
  | { readonly do: 'editCustomer'; readonly body: Fields }
  | { readonly do: 'createAddress'; readonly body: Fields }
  | { readonly do: 'editAddress'; readonly address: number; readonly body: Fields }
  | { readonly do: 'deactivateAddress'; readonly address: number };

export interface PlannedCustomer {
  readonly number: number;
  readonly channel: string;
  readonly steps: readonly Step[];
  /** Why headquarters will refuse the first step, if it will: the word that its reason names. */
  readonly refusedFor: 'currency' | 'email' | 'language' | undefined;
}

/** A customer as it was accepted: its id, and those of its addresses in order. */
export interface AcceptedCustomer {
  readonly plan: PlannedCustomer;
  readonly customerId: string;
  readonly addressIds: readonly string[];
}

/** What headquarters must hold of a customer once all its steps are applied. */
export interface ExpectedCustomer {
  readonly fields: Readonly<Record<string, string | number | boolean>>;
  /** Rises by one with each step that changes the account, from 1. */
  readonly version: number;
  readonly addresses: readonly {
    readonly fields: Readonly<Record<string, unknown>>;
    readonly isActive: boolean;
    readonly version: number;
  }[];
}

export const CHANNELS = ['store-berlin', 'web-shop'] as const;

/** Every so many customers one is refused by headquarters. */
const BAD_EVERY = 83;

export function planStory(customers: number): PlannedCustomer[] {
  return Array.from({ length: customers }, (_, at) => planCustomer(at + 1));
}

function planCustomer(number: number): PlannedCustomer {
  const { address, ...who } = person(number);
  const refusedFor =
    number % BAD_EVERY === 0 ? (['currency', 'email', 'language'] as const)[(number / BAD_EVERY) % 3] : undefined;
  const broken = { currency: { currency: 'EURO' }, email: { email: 'no at sign' }, language: { language: 'deutsch?' } };
  const body = { ...who, type: number % 5 === 0 ? 'Organization' : 'Person', ...(refusedFor && broken[refusedFor]) };
  const steps: Step[] = [
    {
      do: 'createCustomer',
      body,
      addresses: number % 3 === 0 ? [] : [{ ...address, purpose: 'Home', isPrimary: true }],
    },
  ];
  if (number % 3 === 0) steps.push({ do: 'createAddress', body: { ...address, purpose: 'Home' } });
  if (number % 4 === 0) steps.push({ do: 'editCustomer', body: { phone: `+49 30 ${number}` } });
  if (number % 6 === 0) steps.push({ do: 'editAddress', address: 0, body: { street: `${address.street} b` } });
  if (number % 8 === 0) steps.push({ do: 'editCustomer', body: { phone: `+49 40 ${number}`, title: 'VIP' } });
  if (number % 24 === 0) steps.push({ do: 'deactivateAddress', address: 0 });
  const channel = CHANNELS[number % CHANNELS.length] ?? CHANNELS[0];
  return { number, channel, steps, refusedFor };
}

/** Plays the steps on paper. */
export function expectedOf(steps: readonly Step[]): ExpectedCustomer {
  let fields: Record<string, unknown> = {};
  let version = 0;
  const addresses: { fields: Record<string, unknown>; isActive: boolean; version: number }[] = [];
  for (const step of steps) {
    const address = 'address' in step ? addresses[step.address] : undefined;
    if (step.do === 'createCustomer') {
      addresses.push(...step.addresses.map((each) => ({ fields: { ...each }, isActive: true, version: 1 })));
    }
    if (step.do === 'createCustomer' || step.do === 'editCustomer') {
      fields = { ...fields, ...step.body };
      version++;
    } else if (step.do === 'createAddress') addresses.push({ fields: { ...step.body }, isActive: true, version: 1 });
    else if (address) {
      if (step.do === 'editAddress') Object.assign(address.fields, step.body);
      else address.isActive = false;
      address.version++;
    }
  }
  return { fields: fields as ExpectedCustomer['fields'], version, addresses };
}
