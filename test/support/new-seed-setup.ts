import { printSeed } from './seed.ts';

/** Vitest global set-up: this run draws from a seed of its own, which its processes inherit. */
export function setup(): void {
  process.env.SPILLWAY_TEST_SEED = String(printSeed('npm run test:long -- --project properties'));
}
