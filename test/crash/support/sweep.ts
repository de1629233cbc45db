import { checkAtDeath, violations } from './invariants.ts';
import { type Death, type MortalHost, startMortalHost } from './mortal-host.ts';
import { prepare } from './small-stories.ts';
import type { Story } from './stories.ts';
import { TableReader } from './table-reader.ts';
import { type Told, toldNothing } from './told.ts';

/** As many hosts at a time keep two cores busy. */
const LANES = 3;
/** Tables are read, and begun anew, after so many rounds, as everything takes longer the more there is. */
const ROUNDS_PER_HOST = 20;

/** A story, and where its host dies. */
export interface Round {
  readonly story: Story;
  readonly death: Death;
}

/** What came of a sweep. */
export interface Swept {
  /** Deaths that never came, as the story was over before. */
  readonly survived: readonly Death[];
  /** Which invariants didn't hold. */
  readonly found: readonly string[];
}

/**
 * Tells a story twice for each of its writes, with the host dying before and after it, until the story is over before the
 * host dies. After the last write there are no more, so all of them were met; gives how many.
 */
export async function sweepEveryWrite(story: Story): Promise<Swept & { readonly writes: number }> {
  const swept = await sweep(LANES, everyRound(story), ({ length }) => length < 2);
  return { ...swept, writes: Math.min(...swept.survived.map(({ write }) => write)) - 1 };
}

/** Plays some rounds, on hosts that they share. */
export function sweepRounds(rounds: readonly Round[]): Promise<Swept> {
  return sweep(LANES - 1, rounds.values(), () => true);
}

async function sweep(
  lanes: number,
  rounds: Iterator<Round, undefined>,
  goesOn: (survived: readonly Death[]) => boolean,
): Promise<Swept> {
  const survived: Death[] = [];
  const found: string[] = [];
  let taken = 0;
  const next = () => (goesOn(survived) && found.length === 0 ? rounds.next().value : undefined);
  const lane = async (): Promise<void> => {
    for (let round = next(); round; ) {
      const host = await startMortalHost();
      try {
        const told = toldNothing();
        await prepare(host);
        for (let count = 0; round && count < ROUNDS_PER_HOST; count++) {
          const died = await play(host, `round-${++taken}`, round, told);
          if (died === 0) survived.push(round.death);
          round = next();
        }
        await host.mend();
        found.push(...violations(await TableReader.read(host.connectionString), told));
      } catch (error) {
        found.push(`${round?.death.when} write ${round?.death.write}: ${String(error)}\n${host.output()}`);
        return;
      } finally {
        host.dispose();
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return { survived, found };
}

/** Gives how often the host died. */
async function play(host: MortalHost, key: string, { story, death }: Round, told: Told): Promise<number> {
  const tell = await story.begin(host, key);
  const check = () => checkAtDeath(host.connectionString, told);
  return host.dieDuring([death], () => tell(told), check);
}

function* everyRound(story: Story): Generator<Round, undefined> {
  for (let write = 1; ; write++) {
    yield { story, death: { when: 'before', write } };
    yield { story, death: { when: 'after', write } };
  }
}
