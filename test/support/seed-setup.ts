/** Vitest set-up of files with properties: they draw from one seed, so that a run doesn't depend on luck. */
import fc from 'fast-check';
import { seedThatWasSet } from './seed.ts';

/** Any number would do; `npm run test:long` draws from another one each time. */
const ALWAYS = 20_260_301;

fc.configureGlobal({ seed: seedThatWasSet() ?? ALWAYS });
