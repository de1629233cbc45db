/**
 * The host is killed as it is about to send a write to storage: once for each write that a small story makes, its own
 * engine's included. What lies in storage then is what lay there after the write before, so each state that a crash can
 * leave is left once. The host is started again and the story finishes. Hunts for: an accepted request that is lost or done
 * twice, counters with gaps, a job that nobody finishes, a record that is changed twice.
 */
import { describe, expect, it } from 'vitest';
import { TableReader, violations } from './support/invariants.ts';
import { type MortalHost, startMortalHost } from './support/mortal-host.ts';
import {
  CHANNEL,
  prepare,
  type ToldAssign,
  type ToldCustomer,
  tellAssign,
  tellCustomer,
} from './support/small-stories.ts';

/**
 * The first story makes about so many writes. Later ones make more, as the downloads of the minutes before come along with
 * them; those are the same writes once more.
 */
const MOST_WRITES = 130;

interface Told {
  readonly customers: ToldCustomer[];
  readonly assigns: ToldAssign[];
}

async function withHost(work: (host: MortalHost) => Promise<Told>): Promise<{ found: string[]; told: Told }> {
  const host = await startMortalHost();
  try {
    await prepare(host);
    const told = await work(host);
    return { found: violations(await TableReader.read(host.connectionString), { channel: CHANNEL, ...told }), told };
  } finally {
    await host.dispose();
  }
}

/**
 * Tells a story once for each write from `first` on, or each second one, with the host dying there, until the story is over
 * before the host dies. Gives the last write that the host died at.
 */
async function forEachWrite(
  host: MortalHost,
  { first, step }: { readonly first: number; readonly step: number },
  tell: (key: string) => Promise<void>,
): Promise<number> {
  let last = 0;
  for (let write = first; write <= MOST_WRITES; write += step) {
    const died = await host.dieDuring({ when: 'before', write }, () => tell(`w${write}`));
    if (!died) break;
    last = write;
  }
  return last;
}

describe.concurrent('E5 killed at each write', () => {
  it.for([1, 2])(
    'an accepted customer is uploaded, applied and downloaded exactly once, from write %i on',
    async (first) => {
      let last = 0;
      const { found } = await withHost(async (host) => {
        const customers: ToldCustomer[] = [];
        last = await forEachWrite(host, { first, step: 2 }, async (key) => {
          customers.push(await tellCustomer(host, key));
        });
        return { customers, assigns: [] };
      });
      expect(found).toEqual([]);
      expect(last).toBeGreaterThan(50);
    },
  );

  it('an accepted cascade changes each of its records exactly once', async () => {
    let last = 0;
    const { found } = await withHost(async (host) => {
      const assigns: ToldAssign[] = [];
      last = await forEachWrite(host, { first: 1, step: 1 }, async (key) => {
        assigns.push(await tellAssign(host, key, 'ann'));
      });
      return { customers: [], assigns };
    });
    expect(found).toEqual([]);
    expect(last).toBeGreaterThan(30);
  });
});
