import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { Endpoint, Method } from '../shared/http/endpoint.ts';
import { answerResponse, problemResponse } from '../shared/http/responses.ts';
import { createRouteTable } from '../shared/http/routes.ts';
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
    if (found.length === 0) return problemResponse(unknownAddress(pathname));
    const allowed = METHODS.filter((method) => found.some((each) => each.method === method));
    if (request.method === 'OPTIONS') return answerResponse({ status: 204, headers: { Allow: allowed.join(', ') } });
    const asked = request.method === 'HEAD' ? 'GET' : request.method;
    const switchedOff = found.find(({ method }) => method === asked);
    if (switchedOff) return problemResponse(isOff(switchedOff));
    return problemResponse(
      new Problem('method-not-allowed', `${pathname} takes ${allowed.join(', ')}.`, { extra: { allowed } }),
    );
  };
}

function unknownAddress(pathname: string): Problem {
  return new Problem('not-found', `There is nothing at ${pathname}. docs/api.md lists what there is.`);
}

function isOff({ name }: Endpoint): Problem {
  const detail = `The function ${name} is switched off. Remove the setting AzureWebJobs.${name}.Disabled to switch it on.`;
  return new Problem('function-switched-off', detail, { retryAfterSeconds: 60 });
}
