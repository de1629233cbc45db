import { z } from 'zod';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { Problem } from '../../shared/problem.ts';

/** An address that is promised but not served yet: 501 with problem details, also without a token. */
export function notYetAvailable(name: string, route: string): Endpoint {
  return endpoint({
    name,
    summary: 'Not available yet.',
    method: 'GET',
    route,
    query: z.unknown(),
    roles: 'anyone',
    answers: {},
    problems: ['not-yet-available'],
    handle: async () => {
      throw new Problem('address-not-available', { route });
    },
  });
}
