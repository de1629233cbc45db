/**
 * A refusal that the caller is told of: problem details after RFC 9457. Thrown anywhere below an endpoint; faults of our
 * own are ordinary errors and become a 500 without details.
 */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly slug: ProblemSlug;
  readonly extra: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds: number | undefined;

  /** `detail` says what was wrong with this request and what to do next, in one or two sentences. */
  constructor(
    slug: ProblemSlug,
    detail: string,
    options: { extra?: Record<string, unknown>; retryAfterSeconds?: number } = {},
  ) {
    super(detail);
    this.slug = slug;
    this.status = PROBLEMS[slug].status;
    this.extra = options.extra ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds ?? (this.status === 503 ? RETRY_SECONDS : undefined);
  }

  /** The body that travels: `type` is stable and names the kind of problem. */
  toBody(): ProblemBody {
    const { status, title } = PROBLEMS[this.slug];
    const standard = { type: `/problems/${this.slug}`, title, status, detail: this.message };
    // First for those who read it, last so that nothing else takes their names.
    return { ...standard, ...this.extra, ...standard };
  }
}

/** What is away for a while may be asked again after so long, where nothing better is known. */
const RETRY_SECONDS = 5;

/** A problem as it is answered. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly [extra: string]: unknown;
}

/** Every kind of problem that the API answers with. */
const PROBLEMS = {
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
export type ProblemSlug = keyof typeof PROBLEMS;
