import { seedOfRun } from './seed.ts';

const STRIDE = 3;

/**
 * Numbers of writes to die at, rising from `first`, for a loop that a test leaves once the process has lived: one of three
 * in `npm test`, which ones the run's seed says, and each where the setting SPILLWAY_EVERY_WRITE is true (`npm run test:crash`).
 */
export function* writesToDieAt(first: 0 | 1): Generator<number> {
  const stride = process.env.SPILLWAY_EVERY_WRITE === 'true' ? 1 : STRIDE;
  for (let write = first + (seedOfRun() % stride); ; write += stride) yield write;
}
