import type { HttpResponseInit } from '@azure/functions';
import type { Language } from '../messages/languages.ts';
import { toJson } from '../messages/localize.ts';
import type { Problem } from '../problem.ts';
import type { Answer } from './endpoint.ts';

/** An answer on the wire: JSON, its problems in the language, or text or bytes where the handler set another Content-Type. */
export function answerResponse({ status, body, headers = {} }: Answer, language: Language): HttpResponseInit {
  if (body === undefined) return { status, headers };
  const isRaw = typeof body === 'string' || body instanceof Uint8Array;
  if (isRaw && headers['Content-Type']) return { status, body, headers };
  return {
    status,
    body: toJson(body, language),
    headers: { 'Content-Type': 'application/json; charset=utf-8', ...inLanguage(language), ...headers },
  };
}

/** A problem on the wire (RFC 9457), in the language, with the headers that its status asks for. */
export function problemResponse(problem: Problem, language: Language): HttpResponseInit {
  const headers: Record<string, string> = {
    'Content-Type': 'application/problem+json; charset=utf-8',
    ...inLanguage(language),
  };
  if (problem.status === 401) headers['WWW-Authenticate'] = 'Bearer realm="spillway"';
  if (problem.retryAfterSeconds !== undefined) headers['Retry-After'] = String(problem.retryAfterSeconds);
  const { allowed } = problem.extra;
  if (problem.status === 405 && Array.isArray(allowed)) headers.Allow = allowed.join(', ');
  return { status: problem.status, body: toJson(problem.toBody(), language), headers };
}

function inLanguage(language: Language): Record<string, string> {
  return { 'Content-Language': language, Vary: 'Accept-Language' };
}

/** The ETag header of a thing with this version. */
export function etagHeader(version: number): { ETag: string } {
  return { ETag: `"${version}"` };
}
