import { z } from 'zod';
import { Problem } from '../problem.ts';

/** Form of the ids of users, channels, roles and affiliations; safe in keys and paths. */
export const ID_PATTERN = /^[A-Za-z0-9._-]{1,64}$/;

/** Schema of such an id. */
export const idSchema = z.string().regex(ID_PATTERN, 'has 1 to 64 letters, digits, dots, underscores and hyphens');

/** The id in a path, checked. `kind` names it in the refusal. Throws Problem invalid-request. */
export function pathId(params: Readonly<Record<string, string>>, kind: string): string {
  const id = params[kind] ?? '';
  if (ID_PATTERN.test(id)) return id;
  throw new Problem('id-malformed', { what: kind });
}
