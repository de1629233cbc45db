/**
 * A sample of every-write.test.ts: some deaths of each story, drawn from a seed that the run prints. `SPILLWAY_TEST_SEED`
 * draws the same again, `npm run test:crash` dies at every write.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printSeed } from '../support/seed.ts';
import type { Death } from './support/mortal-host.ts';
import { STORIES, type Story } from './support/stories.ts';
import { sweepRounds } from './support/sweep.ts';

const DEATHS_OF_A_STORY = 4;

function someDeaths({ writes }: Story, seed: number): Death[] {
  const death = fc.record({
    when: fc.constantFrom('before' as const, 'after' as const),
    write: fc.integer({ min: 1, max: writes }),
  });
  return fc.sample(death, { seed, numRuns: DEATHS_OF_A_STORY });
}

describe('E5 killed at some writes of each story', () => {
  it('nothing accepted is lost or done twice', async () => {
    const seed = printSeed('npx vitest run --project crash');
    const stories = Object.values(STORIES);
    const rounds = stories.flatMap((story) => someDeaths(story, seed).map((death) => ({ story, death })));
    const { survived, found } = await sweepRounds(rounds);
    expect(found).toEqual([]);
    expect(survived, 'a story makes fewer writes than it says').toEqual([]);
  });
});
