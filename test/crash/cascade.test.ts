/**
 * The host is killed before and after each write to storage that a small story makes, its own engine's included; it is
 * started again and the story finishes. Hunts for: a job that nobody finishes, a record that is
 * changed twice or half, a claim, a lock or a fence that stays, a record whose parent is gone or doesn't lead to it.
 */
import { describe, expect, it } from 'vitest';
import type { MortalHost } from './support/mortal-host.ts';
import {
  plant,
  plantPair,
  type Telling,
  tellBatches,
  tellMergeInBatches,
  tellMergeInTransaction,
  tellTransactions,
} from './support/small-stories.ts';
import { type Story, sweep } from './support/sweep.ts';

/** Sweeps a story; it must make more than so many writes, or it isn't the one that is meant. */
async function expectNothingFound<P>(
  scene: Story<P>['scene'],
  tell: (host: MortalHost, telling: Telling<P>) => Promise<void>,
  moreThan: number,
): Promise<void> {
  const { writes, found } = await sweep({
    scene,
    tell: (host, key, told, planted) => tell(host, { key, planted, told }),
  });
  expect(found).toEqual([]);
  expect(writes).toBeGreaterThan(moreThan);
}

describe('E5 killed at each write of a cascade', () => {
  it('an accepted assign and delete in batches change each of their records exactly once', () =>
    expectNothingFound(plant, tellBatches, 60));

  it('an accepted assign and delete in transactions change all of their records at once', () =>
    expectNothingFound(plant, tellTransactions, 30));

  it('an accepted merge in batches moves each record exactly once', () =>
    expectNothingFound(plantPair, tellMergeInBatches, 30));

  it('an accepted merge in a transaction moves all records at once', () =>
    expectNothingFound(plantPair, tellMergeInTransaction, 20));
});
