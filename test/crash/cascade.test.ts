/**
 * The host is killed before and after each write to storage that a small story makes, its own engine's included; it is
 * started again and the story finishes. Hunts for: a job that nobody finishes, a record that is
 * changed twice, a claim or a lock that stays.
 */
import { describe, expect, it } from 'vitest';
import { plant, tellAssign } from './support/small-stories.ts';
import { sweep } from './support/sweep.ts';

describe('E5 killed at each write of a cascade', () => {
  it('an accepted cascade changes each of its records exactly once', async () => {
    const { writes, found } = await sweep({
      scene: plant,
      tell: async (host, key, { assigns }, planted) => {
        assigns.push(await tellAssign(host, { key, ownerId: 'ann', planted }));
      },
    });
    expect(found).toEqual([]);
    expect(writes).toBeGreaterThan(30);
  });
});
