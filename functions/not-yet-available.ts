import { z } from 'zod';
import { type Endpoint, endpoint, type Method } from '../shared/http/endpoint.ts';
import { Problem } from '../shared/problem.ts';

/** Addresses that are promised but not served yet: they say so instead of pretending. */
const ADDRESSES: readonly (readonly [Method, string])[] = [
  ['GET', '/openapi.json'],
  ['GET', '/docs'],
  ['GET', '/ui'],
];

/** An endpoint for each of them: 501 with problem details, also without a token. */
export function notYetAvailable(): Endpoint[] {
  return ADDRESSES.map(([method, path]) =>
    endpoint({
      name: 'notYetAvailable',
      method,
      path,
      query: z.unknown(),
      roles: 'anyone',
      handle: async () => {
        throw new Problem('not-yet-available', `${method} ${path} is not available in this version. Nothing was done.`);
      },
    }),
  );
}
