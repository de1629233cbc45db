import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import { Problem } from '../problem.ts';
import type { Endpoint } from './endpoint.ts';
import { decodeUtf8, parseStrictJson } from './strict-json.ts';

const DEFAULT_MAX_BODY_BYTES = 1024 * 1024;
const JSON_TYPES = /^application\/(json|[\w.+-]+\+json)\s*(;\s*charset="?utf-8"?\s*)?$/i;
const NO_QUERY = z.strictObject({});
const NO_BODY = z.strictObject({}).optional();

/**
 * The query by the endpoint's schema; unknown names are refused by strict schemas, and all of them where an endpoint takes
 * none. What anyone may call is open to the marks that monitors put behind an address.
 */
export function parseQuery(target: Endpoint, query: URLSearchParams): unknown {
  if (!target.query && target.roles === 'anyone') return undefined;
  return parse(target.query ?? NO_QUERY, Object.fromEntries(query), 'query');
}

/**
 * The JSON body by the endpoint's schema. Where the endpoint takes none it is undefined, and fields in it are refused, so
 * that nobody believes in what was passed over; the body of a GET means nothing (RFC 9110).
 */
export async function parseBody(target: Endpoint, request: HttpRequest): Promise<unknown> {
  if (target.body) return parse(target.body, await readJson(target, request), 'body');
  if (target.method !== 'GET') parse(NO_BODY, await readJson(target, request), 'body');
  return undefined;
}

async function readJson(target: Endpoint, request: HttpRequest): Promise<unknown> {
  const limit = target.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge(limit);
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength > limit) throw tooLarge(limit);
  const mediaType = request.headers.get('content-type') ?? '';
  if (bytes.byteLength > 0 && !JSON_TYPES.test(mediaType)) {
    throw new Problem(
      'unsupported-media-type',
      `Send JSON in UTF-8 with Content-Type: application/json; this was "${mediaType}".`,
    );
  }
  try {
    return bytes.byteLength > 0 ? parseStrictJson(decodeUtf8(bytes)) : undefined;
  } catch (error) {
    throw new Problem('invalid-request', `The body is not JSON: ${error instanceof Error ? error.message : ''}`);
  }
}

/** The version in If-Match, which is one strong ETag `"<version>"`. */
export function parseIfMatch(header: string | null): number | undefined {
  if (header === null) return undefined;
  const match = /^"(\d{1,15})"$/.exec(header.trim());
  if (!match) {
    throw new Problem(
      'invalid-request',
      'If-Match takes the one ETag that you read, like "7". `*` is not taken: it would overwrite what you have not seen.',
    );
  }
  return Number(match[1]);
}

function tooLarge(limit: number): Problem {
  return new Problem('too-large', `The body may have ${limit} bytes at most. Split it into several requests.`);
}

/** What an issue says; that of several forms, none of which fits, what each of them says. */
function problemOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_union') return issue.message;
  const forms = issue.errors.flatMap(([first]) => (first && first.path.length === 0 ? [problemOf(first)] : []));
  return forms.length === 0 ? issue.message : [...new Set(forms)].join(' or ');
}

/** Parses by a schema; a failure becomes a Problem that lists every place that is wrong. */
export function parse<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.map((issue) => ({
    at: [where, ...issue.path].join('.'),
    problem: problemOf(issue),
  }));
  const first = errors.map(({ at, problem }) => `${at}: ${problem}`).join('; ');
  throw new Problem('invalid-request', `Mend these and send again: ${first}`, { extra: { errors } });
}
