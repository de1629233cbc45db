/**
 * The host is killed before and after each write to storage that a small story makes, its own engine's included; it is
 * started again and the story finishes. Hunts for: a job that nobody finishes, a record that is
 * changed twice or half, a claim, a lock or a fence that stays, a record whose parent is gone or doesn't lead to it.
 */
import { describe, expect, it } from 'vitest';
import {
  plant,
  plantPair,
  tellBatches,
  tellMergeInBatches,
  tellMergeInTransaction,
  tellTransactions,
} from './support/small-stories.ts';
import { sweep } from './support/sweep.ts';

describe('E5 killed at each write of a cascade', () => {
  it('an accepted assign and delete in batches change each of their records exactly once', async () => {
    const { writes, found } = await sweep({
      scene: plant,
      tell: (host, key, told, planted) => tellBatches(host, { key, planted, told }),
    });
    expect(found).toEqual([]);
    expect(writes).toBeGreaterThan(60);
  });

  it('an accepted assign and delete in transactions change all of their records at once', async () => {
    const { writes, found } = await sweep({
      scene: plant,
      tell: (host, key, told, planted) => tellTransactions(host, { key, planted, told }),
    });
    expect(found).toEqual([]);
    expect(writes).toBeGreaterThan(30);
  });

  it('an accepted merge in batches moves each record exactly once', async () => {
    const { writes, found } = await sweep({
      scene: plantPair,
      tell: (host, key, told, planted) => tellMergeInBatches(host, { key, planted, told }),
    });
    expect(found).toEqual([]);
    expect(writes).toBeGreaterThan(30);
  });

  it('an accepted merge in a transaction moves all records at once', async () => {
    const { writes, found } = await sweep({
      scene: plantPair,
      tell: (host, key, told, planted) => tellMergeInTransaction(host, { key, planted, told }),
    });
    expect(found).toEqual([]);
    expect(writes).toBeGreaterThan(20);
  });
});
