import type { MortalHost } from './mortal-host.ts';
import {
  plant,
  plantPair,
  type Telling,
  tellBatches,
  tellCustomer,
  tellMergeInBatches,
  tellMergeInTransaction,
  tellTransactions,
} from './small-stories.ts';
import type { Told } from './told.ts';

/** A small story that a host dies in. */
export interface Story {
  /** It makes more writes than so many. */
  readonly writes: number;
  /** Sets the scene on a living host, and gives what is told while the host dies. The key tells this round from others. */
  readonly begin: (host: MortalHost, key: string) => Promise<(told: Told) => Promise<void>>;
}

function ofCascade<Scene>(
  writes: number,
  scene: (host: MortalHost, key: string) => Promise<Scene>,
  tell: (host: MortalHost, telling: Telling<Scene>) => Promise<void>,
): Story {
  return {
    writes,
    async begin(host, key) {
      const planted = await scene(host, key);
      return (told) => tell(host, { key, planted, told });
    },
  };
}

/** The stories by what must hold after each. */
export const STORIES: Readonly<Record<string, Story>> = {
  'an accepted assign and delete in batches change each of their records exactly once': ofCascade(
    60,
    plant,
    tellBatches,
  ),
  'an accepted assign and delete in transactions change all of their records at once': ofCascade(
    30,
    plant,
    tellTransactions,
  ),
  'an accepted merge in batches moves each record exactly once': ofCascade(30, plantPair, tellMergeInBatches),
  'an accepted merge in a transaction moves all records at once': ofCascade(20, plantPair, tellMergeInTransaction),
  'an accepted customer is uploaded, applied and downloaded exactly once': {
    writes: 80,
    begin: async (host, key) => async (told) => {
      told.customers.push(await tellCustomer(host, key));
    },
  },
};
