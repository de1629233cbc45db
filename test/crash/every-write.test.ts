/**
 * The host is killed before and after each write to storage that a small story makes, its own engine's included; it is
 * started again and the story finishes. Hunts for: a job that nobody finishes, a record that is changed twice or half, a
 * claim, a lock or a fence that stays, a record whose parent is gone or doesn't lead to it; an accepted request that is
 * lost or done twice, counters with gaps, a customer with two numbers.
 */
import { describe, expect, it } from 'vitest';
import { STORIES } from './support/stories.ts';
import { sweepEveryWrite } from './support/sweep.ts';

describe('E5 killed at each write of a story', () => {
  it.each(Object.entries(STORIES))('%s', async (_, story) => {
    const { writes, found } = await sweepEveryWrite(story);
    expect(found).toEqual([]);
    expect(writes).toBeGreaterThan(story.writes);
  });
});
