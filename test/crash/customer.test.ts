/**
 * The host is killed before and after each write to storage that a small story makes, its own engine's included; it is
 * started again and the story finishes. Hunts for: an accepted request that is lost or done
 * twice, counters with gaps, a customer with two numbers.
 */
import { describe, expect, it } from 'vitest';
import { tellCustomer } from './support/small-stories.ts';
import { sweep } from './support/sweep.ts';

describe('E5 killed at each write of a customer', () => {
  it('an accepted customer is uploaded, applied and downloaded exactly once', async () => {
    const { writes, found } = await sweep({
      scene: async () => undefined,
      tell: async (host, key, { customers }) => {
        customers.push(await tellCustomer(host, key));
      },
    });
    expect(found).toEqual([]);
    expect(writes).toBeGreaterThan(80);
  });
});
