import { type Code, kindOf, type Params, type ParamsOf, textOf, titleOf } from './messages/catalogue.ts';
import { PROBLEM_KINDS, type ProblemSlug } from './messages/problem-kinds.ts';

export type { ProblemSlug } from './messages/problem-kinds.ts';

/** What a refusal has beside its text: further members of its body, and when to ask again. */
export interface ProblemOptions {
  readonly extra?: Record<string, unknown>;
  readonly retryAfterSeconds?: number | undefined;
}

/**
 * A refusal that the caller is told of: problem details after RFC 9457. Thrown anywhere below an endpoint; faults of our
 * own are ordinary errors and become a 500 without details. `message` is its text in English.
 */
export class Problem<C extends Code = Code> extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly slug: ProblemSlug;
  /** Names what it says in the catalogue of messages, with the params of that. */
  readonly code: string;
  readonly params: Params;
  extra: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds: number | undefined;

  /** The caller is told the params, so they hold only what the caller may know. */
  constructor(code: C, params: ParamsOf<C>, options?: ProblemOptions);
  constructor(slug: ProblemSlug, detail: string, options?: ProblemOptions);
  constructor(code: string, params: Params | string, options: ProblemOptions = {}) {
    super(typeof params === 'string' ? params : textOf(code as Code, params, 'en'));
    this.code = code;
    this.params = typeof params === 'string' ? {} : params;
    this.slug = typeof params === 'string' ? (code as ProblemSlug) : kindOf(code as Code);
    this.status = PROBLEM_KINDS[this.slug].status;
    this.extra = options.extra ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds ?? (this.status === 503 ? RETRY_SECONDS : undefined);
  }

  /** Gives this refusal further members; those that it has already stay. */
  also(members: Readonly<Record<string, unknown>>): this {
    this.extra = { ...members, ...this.extra };
    return this;
  }

  /** The body that travels, in English: `type` is stable and names the kind of problem, `code` what was refused. */
  toBody(): ProblemBody {
    const { slug, status, code, params } = this;
    const standard = {
      type: `/problems/${slug}`,
      title: titleOf(slug, 'en'),
      status,
      detail: this.message,
      code,
      params,
    };
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
  /** Absent in what was stored before there were codes. */
  readonly code?: string;
  readonly params?: Params;
  readonly [extra: string]: unknown;
}
