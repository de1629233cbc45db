import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { Endpoint, Method } from '../shared/http/endpoint.ts';
import { answerResponse, problemResponse } from '../shared/http/responses.ts';
import { createRouteTable } from '../shared/http/routes.ts';
import { languageOf } from '../shared/messages/languages.ts';
import { Problem } from '../shared/problem.ts';

const PREFIX = '/api';
const METHODS: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/**
 * The last of all functions, whose route takes every address; the Functions host tries functions in the order of their
 * names, so that what comes here is what no other takes. OPTIONS: 204 with Allow. Else a problem: 404 for an unknown
 * address, 405 with Allow for a method that it doesn't take, 503 for a function that a setting switches off.
 */
export function zzUnmatched(endpoints: readonly Endpoint[]): (request: HttpRequest) => Promise<HttpResponseInit> {
  const routesAt = createRouteTable(endpoints);
  return async (request) => {
    const { pathname } = new URL(request.url);
    const found = routesAt(pathname.slice(PREFIX.length)).map(({ endpoint }) => endpoint);
    const language = languageOf(request.headers.get('accept-language'));
    if (found.length === 0) return problemResponse(new Problem('address-unknown', { path: pathname }), language);
    const allowed = METHODS.filter((method) => found.some((each) => each.method === method));
    if (request.method === 'OPTIONS') {
      return answerResponse({ status: 204, headers: { Allow: allowed.join(', ') } }, language);
    }
    const asked = request.method === 'HEAD' ? 'GET' : request.method;
    const switchedOff = found.find(({ method }) => method === asked);
    if (switchedOff) return problemResponse(isOff(switchedOff), language);
    const refusal = new Problem('method-not-taken', { path: pathname, allowed }, { extra: { allowed } });
    return problemResponse(refusal, language);
  };
}

function isOff({ name }: Endpoint): Problem {
  return new Problem('function-off', { function: name }, { retryAfterSeconds: 60 });
}
