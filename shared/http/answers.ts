/** What answers have in common, for the declarations of endpoints and for whoever describes or checks them. */
import { z } from 'zod';
import type { ProblemSlug } from '../problem.ts';
import type { Endpoint } from './endpoint.ts';

/** Schema of a page of a list. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.strictObject({
    items: z.array(item),
    continuationToken: z.string().optional().describe('Where the next page begins; absent on the last one.'),
  });
}

/** Schema of problem details (RFC 9457); a kind of problem may have fields of its own beside these. */
export const problemSchema = z.looseObject({
  type: z.string().describe('/problems/ and the kind of problem.'),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().describe('What was wrong with this request, and what to do next.'),
  code: z
    .string()
    .optional()
    .describe('What was refused, stable; detail is its text in the language that was asked for.'),
  params: z.record(z.string(), z.unknown()).optional().describe('What the text names.'),
});

type Form = Pick<Endpoint, 'method' | 'route' | 'roles' | 'query' | 'idempotent' | 'ifMatch' | 'answers' | 'problems'>;

/** Every kind of problem that a call can be answered with: what its form brings along, and those of its own work. */
export function problemsOf(target: Form): ReadonlySet<ProblemSlug> {
  const { method, route, roles, idempotent, ifMatch } = target;
  // A PUT that makes what isn't there has nothing to miss.
  const makesWhatIsNamed = method === 'PUT' && 201 in target.answers;
  return new Set<ProblemSlug>([
    ...(['invalid-request', 'too-many-requests', 'storage-unavailable', 'internal-error'] as const),
    ...given(roles !== 'anyone', 'unauthenticated', 'forbidden', 'key-set-unavailable'),
    ...given(method !== 'GET', 'too-large', 'unsupported-media-type'),
    ...given(route.includes('{') && !makesWhatIsNamed, 'not-found'),
    ...given(isPaged(target), 'invalid-continuation-token'),
    ...given(idempotent === true, 'request-in-flight', 'idempotency-key-reused'),
    ...given(ifMatch !== undefined, 'stale-version'),
    ...given(ifMatch === 'required', 'version-required'),
    ...target.problems,
  ]);
}

function given(condition: boolean, ...slugs: readonly ProblemSlug[]): readonly ProblemSlug[] {
  return condition ? slugs : [];
}

function isPaged({ query }: Form): boolean {
  return query instanceof z.ZodObject && 'continuationToken' in query.shape;
}
