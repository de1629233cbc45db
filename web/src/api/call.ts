import i18next from 'i18next';
import { currentToken, expireToken } from './session.ts';

const PREFIX = '/api';

/** Problem details (RFC 9457) as the host answered them; `detail` says what was wrong and what to do. */
export class ApiProblem extends Error {
  readonly status: number;
  /** The kind, without `/problems/`. */
  readonly slug: string;
  readonly title: string;
  /** Fields of this kind of problem beside the common ones. */
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(status: number, { type, title, detail, ...extra }: Record<string, unknown>) {
    super(typeof detail === 'string' ? detail : `HTTP ${status}`);
    this.status = status;
    this.slug = typeof type === 'string' ? type.replace('/problems/', '') : '';
    this.title = typeof title === 'string' ? title : '';
    this.extra = extra;
  }
}

export interface CallOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Values that are undefined or empty are left out. */
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  /** The version that the caller has seen. */
  readonly ifMatch?: number;
  /** Drawn once for what a person asked for, and sent again with each retry of it. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

/**
 * Calls below /api as the person who is signed in. Whoever calls names the shape of the answer, by the schema that the host
 * checks it with. Throws ApiProblem, and the TypeError of `fetch` where the host can't be reached.
 */
export async function call<Answer>(path: string, options: CallOptions = {}): Promise<Answer> {
  const response = await send(path, options);
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as Answer;
}

/** The same for what has a version: the answer, and the version that its ETag names. */
export async function callVersioned<Answer>(
  path: string,
  options: CallOptions = {},
): Promise<{ readonly body: Answer; readonly version: number }> {
  const response = await send(path, options);
  const version = Number(response.headers.get('etag')?.replaceAll('"', '') ?? 0);
  return { body: (await response.json()) as Answer, version };
}

/** A list as a CSV file. */
export async function callForCsv(path: string, options: CallOptions = {}): Promise<Blob> {
  return (await send(path, options, 'text/csv')).blob();
}

async function send(
  path: string,
  { method = 'GET', query = {}, body, ifMatch, idempotencyKey, signal }: CallOptions,
  accept = 'application/json',
): Promise<Response> {
  const token = currentToken();
  const response = await fetch(PREFIX + path + queryText(query), {
    method,
    headers: {
      accept,
      'accept-language': i18next.language,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(ifMatch !== undefined && { 'if-match': `"${ifMatch}"` }),
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  });
  if (response.ok) return response;
  if (response.status === 401 && token !== undefined) expireToken(token);
  const problem: unknown = await response.json().catch(() => ({}));
  throw new ApiProblem(response.status, (problem ?? {}) as Record<string, unknown>);
}

function queryText(query: Readonly<Record<string, string | undefined>>): string {
  const entries = Object.entries(query).filter((entry): entry is [string, string] => !!entry[1]);
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries)}`;
}
