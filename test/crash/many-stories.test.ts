/**
 * Many stories at once on a host that dies again and again at writes drawn from a seed, recoveries included. The seed is
 * printed; `SPILLWAY_CRASH_SEED` plays one again, `SPILLWAY_CRASH_DEATHS` says how often the host dies.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapParallel } from '../../shared/parallel.ts';
import { TableReader, violations } from './support/invariants.ts';
import { type Death, startMortalHost } from './support/mortal-host.ts';
import {
  CHANNEL,
  prepare,
  type ToldAssign,
  type ToldCustomer,
  tellAssign,
  tellCustomer,
} from './support/small-stories.ts';

const STORIES_PER_DEATH = 6;
const PARALLEL_STORIES = 3;

const deaths = fc.record({
  when: fc.constantFrom('before' as const, 'after' as const),
  // Up to the writes that so many stories make together.
  write: fc.integer({ min: 1, max: STORIES_PER_DEATH * 80 }),
});

describe('E5 killed at random writes of many stories', () => {
  it('nothing accepted is lost or done twice', async () => {
    const seed = Number(process.env.SPILLWAY_CRASH_SEED ?? Date.now() % 2 ** 31);
    const numRuns = Number(process.env.SPILLWAY_CRASH_DEATHS ?? 50);
    console.log(`SPILLWAY_CRASH_SEED=${seed} SPILLWAY_CRASH_DEATHS=${numRuns}`);
    const host = await startMortalHost();
    const customers: ToldCustomer[] = [];
    const assigns: ToldAssign[] = [];
    try {
      await prepare(host);
      for (const [round, death] of fc.sample<Death>(deaths, { seed, numRuns }).entries()) {
        await host.dieDuring(death, async () => {
          await mapParallel([...Array(STORIES_PER_DEATH).keys()], PARALLEL_STORIES, async (at) => {
            const key = `r${round}-${at}`;
            if (at % 2 === 0) customers.push(await tellCustomer(host, key));
            else assigns.push(await tellAssign(host, key, at % 3 === 0 ? 'ann' : 'ben'));
          });
        });
      }
      const told = { channel: CHANNEL, customers, assigns };
      expect(violations(await TableReader.read(host.connectionString), told)).toEqual([]);
    } finally {
      await host.dispose();
    }
  });
});
