import { HttpRequest, type HttpResponseInit, InvocationContext } from '@azure/functions';
import type { DurableClient } from 'durable-functions';
import { zzUnmatched } from '../../functions/zz-unmatched.ts';
import { checkAnswers } from '../../shared/http/check-answers.ts';
import type { Endpoint } from '../../shared/http/endpoint.ts';
import { createHttpHandlers, type HttpHandlerOptions } from '../../shared/http/http-handler.ts';
import { createRouteTable } from '../../shared/http/routes.ts';
import type { Caller } from '../../shared/security/caller.ts';

interface TestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The body parsed as JSON, or undefined. */
  readonly body: unknown;
  /** What was logged as errors. */
  readonly errors: readonly unknown[];
}

export type TestCall = (
  method: HttpRequest['method'],
  path: string,
  options?: { body?: unknown; text?: string; headers?: Record<string, string> },
) => Promise<TestAnswer>;

export const ADMIN: Caller = { role: 'Administrator', id: 'admin', channel: undefined };

/** Serves endpoints through the handlers that the app registers, every call made by `caller`, every answer held against its declaration; claims do the work every time unless given. */
export function serve(
  endpoints: readonly Endpoint[],
  options: Partial<HttpHandlerOptions> & { caller?: Caller } = {},
): TestCall {
  const { caller = ADMIN } = options;
  const handlerOf = createHttpHandlers({
    authenticator: { authenticate: async () => caller },
    claims: { run: ({ reserve }, work) => work(reserve(), { id: 'c', note: undefined, writeNote: async () => {} }) },
    rateLimiter: { take: () => 0 },
    continuationKey: async () => new Uint8Array(32),
    ...options,
  });
  const checkedHandlerOf = checkAnswers(handlerOf);
  const unmatched = zzUnmatched(endpoints);
  const routesAt = createRouteTable(endpoints);
  return async (
    method,
    path,
    { body, text = body === undefined ? undefined : JSON.stringify(body), headers = {} } = {},
  ) => {
    const errors: unknown[] = [];
    const context = new InvocationContext({
      invocationId: 'test-invocation',
      logHandler: (level, ...args) => {
        if (level === 'error') errors.push(...args);
      },
    });
    const type = text === undefined ? {} : { 'content-type': 'application/json' };
    const url = `http://localhost${path}`;
    const address = new URL(url).pathname.replace(/^\/api/, '');
    const asked = method === 'HEAD' ? 'GET' : method;
    const { endpoint, params = {} } = routesAt(address).find((each) => each.endpoint.method === asked) ?? {};
    const request = new HttpRequest({
      method,
      url,
      params,
      headers: { ...type, ...headers },
      query: Object.fromEntries(new URL(url).searchParams),
      ...(text !== undefined && { body: { string: text } }),
    });
    const answer = endpoint ? checkedHandlerOf(endpoint)(request, context, {} as DurableClient) : unmatched(request);
    return toAnswer(await answer, errors);
  };
}

function toAnswer({ status = 200, headers, body }: HttpResponseInit, errors: unknown[]): TestAnswer {
  const json = typeof body === 'string' && body.startsWith('{') ? (JSON.parse(body) as unknown) : body;
  return { status, headers: headers as Record<string, string>, body: json, errors };
}
