/** Every kind of problem that the API answers with: its status, and what its title says in English. */
export const PROBLEM_KINDS = {
  'invalid-request': { status: 400, title: 'The request has the wrong form' },
  'invalid-continuation-token': { status: 400, title: 'Invalid continuation token' },
  'use-an-action': { status: 400, title: 'This value is changed by an action of its own' },
  unauthenticated: { status: 401, title: 'Not authenticated' },
  forbidden: { status: 403, title: 'Forbidden' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  conflict: { status: 409, title: 'Conflict with the present state' },
  'already-applied': { status: 409, title: 'The operation has been applied' },
  'request-in-flight': { status: 409, title: 'The same request is being worked on' },
  'stale-version': { status: 412, title: 'The version has changed' },
  'too-large': { status: 413, title: 'The request is too large' },
  'unsupported-media-type': { status: 415, title: 'The body must be JSON' },
  'rule-broken': { status: 422, title: 'A rule is broken' },
  'idempotency-key-reused': { status: 422, title: 'The Idempotency-Key belongs to another request' },
  locked: { status: 423, title: 'The record is locked' },
  'version-required': { status: 428, title: 'If-Match is required' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'function-switched-off': { status: 503, title: 'This function is switched off' },
  'internal-error': { status: 500, title: 'Internal error' },
  'not-yet-available': { status: 501, title: 'Not available yet' },
  'key-set-unavailable': { status: 503, title: 'Tokens can not be verified' },
  'transaction-too-long': { status: 503, title: 'The transaction took too long' },
  'host-not-running': { status: 503, title: 'The host does not serve functions now' },
  'storage-unavailable': { status: 503, title: 'A service that is needed did not answer' },
} as const satisfies Record<string, { status: number; title: string }>;

/** The kinds of problems. */
export type ProblemSlug = keyof typeof PROBLEM_KINDS;
