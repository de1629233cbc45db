/** What is drawn in a run is drawn from one number: the setting SPILLWAY_TEST_SEED. */

/** Any number would do; the long runs draw from another one each time. */
const ALWAYS = 20_260_301;

/** The seed that was set, if any. */
export function seedThatWasSet(): number | undefined {
  const text = process.env.SPILLWAY_TEST_SEED ?? '';
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** The seed that was set, else always the same one, so that a run doesn't depend on luck. */
export function seedOfRun(): number {
  return seedThatWasSet() ?? ALWAYS;
}

/** The seed that was set, else one that nobody has chosen. It is printed, with the command that repeats what is drawn from it. */
export function printSeed(command: string): number {
  const seed = seedThatWasSet() ?? Date.now() % 2 ** 31;
  console.log(`SPILLWAY_TEST_SEED=${seed} ${command}`);
  return seed;
}
