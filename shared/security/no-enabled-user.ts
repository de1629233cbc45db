import { Problem } from '../problem.ts';

/** The refusal of a request that gives something to a user who isn't known or isn't enabled. `at`: the field that names it. */
export function noEnabledUser(at: 'ownerId' | 'principal', userId: string): Problem {
  return new Problem('no-enabled-user', { at, userId });
}
