/** Vitest set-up of files with properties: they draw from one seed, so that a run doesn't depend on luck. */
import fc from 'fast-check';
import { seedOfRun } from './seed.ts';

fc.configureGlobal({ seed: seedOfRun() });
