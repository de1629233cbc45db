import type { DurableClient } from 'durable-functions';
import { describe, expect, it } from 'vitest';
import { durableInstances } from '../../../shared/runs/instances.ts';

const clientThat = (calls: Partial<Record<'startNew' | 'getStatus', () => Promise<unknown>>>) =>
  calls as unknown as DurableClient;
const unknown = async () => Promise.reject(new Error('HTTP 404: no such instance'));

describe('E5 starting the orchestration of a run', () => {
  it('is done when somebody else is starting it, although it cannot be seen yet', async () => {
    const exists =
      'The operation failed with an unexpected status code: 409. Details: {"Message":"An instance exists"}';
    const instances = durableInstances(
      clientThat({ startNew: async () => Promise.reject(new Error(exists)), getStatus: unknown }),
    );
    await expect(instances.start('customerSync', 'run-1')).resolves.toBeUndefined();
  });

  it('has failed when the engine refused it and knows no such instance', async () => {
    const instances = durableInstances(
      clientThat({ startNew: async () => Promise.reject(new Error('socket hang up')), getStatus: unknown }),
    );
    await expect(instances.start('customerSync', 'run-1')).rejects.toThrow('socket hang up');
  });
});
