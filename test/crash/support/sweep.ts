import { checkAtDeath, violations } from './invariants.ts';
import { type Death, type MortalHost, startMortalHost } from './mortal-host.ts';
import { prepare } from './small-stories.ts';
import { TableReader } from './table-reader.ts';
import { type Told, toldNothing } from './told.ts';

/** As many hosts at a time keep two cores busy. */
const LANES = 3;
/** Tables are read, and begun anew, after so many rounds, as everything takes longer the more there is. */
const ROUNDS_PER_HOST = 20;

/** A story for a host. The key tells this round from others. */
export interface Story<Scene> {
  /** What is there before; the host lives meanwhile. */
  readonly scene: (host: MortalHost, key: string) => Promise<Scene>;
  /** What is told while the host dies; what was accepted is noted. */
  readonly tell: (host: MortalHost, key: string, told: Told, scene: Scene) => Promise<void>;
}

/** What came of a sweep. */
export interface Swept {
  /** How many writes the story made, each of which the host was killed before and after. */
  readonly writes: number;
  /** Which invariants didn't hold. */
  readonly found: readonly string[];
}

/**
 * Tells a story twice for each of its writes, with the host dying before and after it, until the story is over before the
 * host dies. After the last write there are no more, so all of them were met.
 */
export async function sweep<Scene>({ scene, tell }: Story<Scene>): Promise<Swept> {
  const rounds = deaths();
  const survived: Death[] = [];
  const found: string[] = [];
  const next = () => (survived.length < 2 && found.length === 0 ? rounds.next().value : undefined);
  const lane = async (): Promise<void> => {
    for (let death = next(); death; ) {
      const host = await startMortalHost();
      try {
        const told = toldNothing();
        await prepare(host);
        for (let round = 0; death && round < ROUNDS_PER_HOST; round++) {
          const key = `${death.when}-${death.write}`;
          const there = await scene(host, key);
          const check = () => checkAtDeath(host.connectionString, told);
          const died = await host.dieDuring([death], () => tell(host, key, told, there), check);
          if (died === 0) survived.push(death);
          death = next();
        }
        await host.mend();
        found.push(...violations(await TableReader.read(host.connectionString), told));
      } catch (error) {
        found.push(`${death?.when} write ${death?.write}: ${String(error)}\n${host.output()}`);
        return;
      } finally {
        host.dispose();
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return { writes: Math.min(...survived.map(({ write }) => write)) - 1, found };
}

function* deaths(): Generator<Death, undefined> {
  for (let write = 1; ; write++) {
    yield { when: 'before', write };
    yield { when: 'after', write };
  }
}
