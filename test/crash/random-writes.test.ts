/**
 * Many stories at once on a host that dies again and again at writes drawn from a seed, in the middle of its recoveries
 * too. The seed is printed: `SPILLWAY_TEST_SEED` plays one again (as far as the stories run alike), `SPILLWAY_CRASH_SECONDS`
 * says for how long.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printSeed } from '../support/seed.ts';
import { checkAtDeath, violations } from './support/invariants.ts';
import { type Death, type MortalHost, startMortalHost } from './support/mortal-host.ts';
import {
  plant,
  plantPair,
  prepare,
  tellBatches,
  tellCustomer,
  tellMergeInBatches,
  tellMergeInTransaction,
  tellTransactions,
} from './support/small-stories.ts';
import { TableReader } from './support/table-reader.ts';
import { type Told, toldNothing } from './support/told.ts';

const ROUNDS_PER_HOST = 10;
/** One of the accounts that go in batches has so many contacts: several batches, in several lanes. */
const LARGE_CONTACTS = 300;
/** Of a round, beside two customers. */
const CASCADES = ['batches', 'transactions', 'mergeInBatches', 'mergeInTransaction', 'large'] as const;
const CUSTOMERS = 2;
/** Up to about the writes that so many stories make together. */
const MOST_WRITES = (CASCADES.length + CUSTOMERS) * 70;

const when = fc.constantFrom('before' as const, 'after' as const);
const first = fc.record({ when, write: fc.integer({ min: 1, max: MOST_WRITES }) });
/** A recovery makes its writes soon, so the lives after the first tend to be short. */
const later = fc.record({ when, write: fc.integer({ min: 1, max: 60 }) });
const rounds = fc.tuple(first, fc.array(later, { maxLength: 3 })).map(([one, others]): Death[] => [one, ...others]);

async function tellMany(host: MortalHost, round: number, told: Told): Promise<void> {
  const cascades = CASCADES.map((story) => tellCascade(host, story, { round, told }));
  const customers = Array.from({ length: CUSTOMERS }, async (_, at) => {
    told.customers.push(await tellCustomer(host, `r${round}-customer-${at}`));
  });
  await Promise.all([...cascades, ...customers]);
}

async function tellCascade(
  host: MortalHost,
  story: (typeof CASCADES)[number],
  { round, told }: { readonly round: number; readonly told: Told },
): Promise<void> {
  const key = `r${round}-${story}`;
  switch (story) {
    case 'batches':
      return tellBatches(host, { key, planted: await plant(host, key), told });
    case 'transactions':
      return tellTransactions(host, { key, planted: await plant(host, key), told });
    case 'mergeInBatches':
      return tellMergeInBatches(host, { key, planted: await plantPair(host, key), told }, true);
    case 'mergeInTransaction':
      return tellMergeInTransaction(host, { key, planted: await plantPair(host, key), told });
    case 'large': {
      if (round % 2 === 0) return tellBatches(host, { key, planted: await plant(host, key, LARGE_CONTACTS), told });
      return tellMergeInBatches(host, { key, planted: await plantPair(host, key, LARGE_CONTACTS), told }, true);
    }
  }
}

describe('E5 killed at random writes of many stories', () => {
  it('nothing accepted is lost or done twice', async () => {
    const seconds = Number(process.env.SPILLWAY_CRASH_SECONDS ?? 240);
    const seed = printSeed(`SPILLWAY_CRASH_SECONDS=${seconds} npm run test:long -- --project deaths`);
    const plans = fc.sample(rounds, { seed, numRuns: 10_000 });
    const endMs = Date.now() + seconds * 1000;
    let died = 0;
    for (let round = 0; Date.now() < endMs; ) {
      const host = await startMortalHost();
      const told = toldNothing();
      const check = () => checkAtDeath(host.connectionString, told);
      try {
        await prepare(host);
        for (const last = round + ROUNDS_PER_HOST; round < last && Date.now() < endMs; round++) {
          const at = round;
          died += await host.dieDuring(plans[at % plans.length] ?? [], () => tellMany(host, at, told), check);
        }
        await host.mend();
        const violated = violations(await TableReader.read(host.connectionString), told);
        if (violated.length > 0) throw new Error(violated.join('\n'));
      } catch (error) {
        throw new Error(`Round ${round} (${JSON.stringify(plans[round])}): ${String(error)}\n${host.output()}`);
      } finally {
        host.dispose();
      }
    }
    console.log(`The host died ${died} times.`);
    expect(died).toBeGreaterThan(seconds / 10);
  });
});
