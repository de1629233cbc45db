import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import { fieldIssues } from '../messages/field-issue.ts';
import { errorsOf } from '../messages/localize.ts';
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
  if (twice !== undefined) throw new Problem('query-name-twice', { name: twice });
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
    throw new Problem('query-not-utf8', {});
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
    throw new Problem('content-encoding-refused', { coding });
  }
  const mediaType = request.headers.get('content-type') ?? '';
  if (!isJsonInUtf8(mediaType)) {
    throw new Problem('body-type-refused', { mediaType });
  }
  try {
    return parseStrictJson(decodeUtf8(bytes));
  } catch (error) {
    throw new Problem('body-not-json', { reason: error instanceof Error ? error.message : '' });
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
    throw new Problem('if-match-malformed', {});
  }
  return Number(match[1]);
}

function tooLarge(limit: number): Problem {
  return new Problem('body-too-large', { limit });
}

/** Parses by a schema; a failure becomes a Problem that lists every place that is wrong. */
export function parse<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const issues = fieldIssues(result.error.issues, where);
  throw new Problem('fields-invalid', { issues }, { extra: { errors: errorsOf(issues, 'en') } });
}
