import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import { Problem } from '../problem.ts';
import type { Endpoint } from './endpoint.ts';
import { decodeUtf8, parseStrictJson } from './strict-json.ts';

const DEFAULT_MAX_BODY_BYTES = 1024 * 1024;
const JSON_TYPES = /^application\/(?:json|[\w.+-]+\+json)$/i;
const NO_QUERY = z.strictObject({});
const NO_BODY = z.strictObject({}).optional();

/**
 * The query by the endpoint's schema; unknown names are refused by strict schemas, and all of them where an endpoint takes
 * none. What anyone may call is open to the marks that monitors put behind an address.
 */
export function parseQuery(target: Endpoint, query: URLSearchParams): unknown {
  if (!target.query && target.roles === 'anyone') return undefined;
  const twice = [...query.keys()].find((name, at, names) => names.indexOf(name) < at);
  if (twice !== undefined) throw new Problem('invalid-request', `query.${twice} stands twice. Give one value.`);
  return parse(target.query ?? NO_QUERY, Object.fromEntries(query), 'query');
}

/**
 * The query of an address as it was sent: the Functions host joins the values of a name that stands twice. Throws Problem
 * invalid-request where it isn't text in UTF-8.
 */
export function queryOf(url: string): URLSearchParams {
  const { search, searchParams } = new URL(url);
  try {
    decodeURIComponent(search);
  } catch {
    throw new Problem('invalid-request', 'The query is not text in UTF-8. Encode each value by RFC 3986.');
  }
  return searchParams;
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
  if (bytes.byteLength === 0) return undefined;
  const coding = request.headers.get('content-encoding') ?? 'identity';
  if (coding.toLowerCase() !== 'identity') {
    throw new Problem('unsupported-media-type', `Send the body as it is, without Content-Encoding: ${coding}.`);
  }
  const mediaType = request.headers.get('content-type') ?? '';
  if (!isJsonInUtf8(mediaType)) {
    throw new Problem(
      'unsupported-media-type',
      `Send JSON in UTF-8 with Content-Type: application/json; this was "${mediaType}".`,
    );
  }
  try {
    return parseStrictJson(decodeUtf8(bytes));
  } catch (error) {
    throw new Problem('invalid-request', `The body is not JSON: ${error instanceof Error ? error.message : ''}`);
  }
}

/** Whether a Content-Type means JSON in UTF-8, by any of the names that the Encoding Standard has for that. */
function isJsonInUtf8(mediaType: string): boolean {
  const [type = '', ...parameters] = mediaType.split(';').map((part) => part.trim());
  const charset = parameters.map((each) => /^charset="?([^"]*)"?$/i.exec(each)?.[1]).find((each) => each !== undefined);
  if (!JSON_TYPES.test(type) || charset === undefined) return JSON_TYPES.test(type);
  try {
    return new TextDecoder(charset).encoding === 'utf-8';
  } catch {
    return false;
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
