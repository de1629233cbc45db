import { app, type HttpFunctionOptions } from '@azure/functions';
import { getClient, input } from 'durable-functions';
import type { Endpoint } from '../../shared/http/endpoint.ts';
import type { HttpAnswerer } from '../../shared/http/http-handler.ts';
import type { RequestCounter } from '../../shared/http/request-counter.ts';
import { zzUnmatched } from '../zz-unmatched.ts';

/** What `registerHttp` works with. */
export interface HttpServices {
  readonly endpoints: readonly Endpoint[];
  readonly handlerOf: (endpoint: Endpoint) => HttpAnswerer;
  readonly requests: Pick<RequestCounter, 'during'>;
}

/** Tells the Functions runtime of each endpoint as a function of its own, and of the one that answers all other addresses. */
export function registerHttp({ endpoints, handlerOf, requests }: HttpServices): void {
  for (const each of endpoints) app.http(each.name, optionsOf(each, handlerOf(each), requests));
  app.http('zzUnmatched', {
    route: '{*path}',
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    authLevel: 'anonymous',
    handler: zzUnmatched(endpoints),
  });
}

function optionsOf(
  { route, method, isDurable }: Endpoint,
  answer: HttpAnswerer,
  requests: HttpServices['requests'],
): HttpFunctionOptions {
  return {
    route,
    methods: method === 'GET' ? ['GET', 'HEAD'] : [method],
    authLevel: 'anonymous',
    ...(isDurable && { extraInputs: [input.durableClient()] }),
    handler: (request, context) => {
      const run = () => answer(request, context, isDurable ? getClient(context) : undefined);
      // Who only looks, a page that shows how a job gets on, must not slow that job down.
      return method === 'GET' ? run() : requests.during(run);
    },
  };
}
