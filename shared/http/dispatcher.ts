/**
 * The way of a request: route → who calls → form of the request → claim → handler → answer; every refusal as problem
 * details. One table of endpoints serves all of /api, because the Functions host tries the routes of its functions in
 * alphabetical order of their names, and answers an unknown path or method without a body (docs/adr/0003).
 */
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type { DurableClient } from 'durable-functions';
import findMyWay, { type HTTPMethod } from 'find-my-way';
import { Problem } from '../problem.ts';
import type { Authenticator } from '../security/authenticator.ts';
import type { Caller } from '../security/caller.ts';
import { isTransient, StorageUnavailable } from '../storage/storage-errors.ts';
import type { Claims } from './claims.ts';
import { fingerprintOf } from './claims.ts';
import { asksForCsv, csvAnswer } from './csv-lists.ts';
import type { Answer, Call, ClaimHandle, Endpoint, EndpointSpec, Method } from './endpoint.ts';
import { bindContinuation, MAX_PAGE_SIZE, unbindContinuation } from './lists.ts';
import { parseBody, parseIfMatch, parseQuery } from './request-parts.ts';
import { answerResponse, problemResponse } from './responses.ts';

/** What the dispatcher works with. */
export interface DispatcherOptions {
  readonly endpoints: readonly Endpoint[];
  readonly authenticator: Authenticator;
  readonly claims: Claims;
}

/** Answers one request. */
export type Dispatcher = (
  request: HttpRequest,
  context: InvocationContext,
  durable: DurableClient,
) => Promise<HttpResponseInit>;

const METHODS: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const PREFIX = '/api';

/** Builds the one handler of all HTTP requests. */
export function createDispatcher({ endpoints, authenticator, claims }: DispatcherOptions): Dispatcher {
  const router = findMyWay({ ignoreTrailingSlash: true, maxParamLength: 1024 });
  for (const each of endpoints) router.on(each.method, each.path, () => undefined, each);

  async function dispatch(request: HttpRequest, context: InvocationContext, durable: DurableClient): Promise<Answer> {
    if (request.method === 'OPTIONS') return { status: 204, headers: { Allow: allowedAt(request).join(', ') } };
    const { target, params } = route(request);
    const caller = await authenticate(target, params, request);
    const query = parseQuery(target, request.query);
    const body = await parseBody(target, request);
    const call = {
      caller,
      params,
      query,
      body,
      ifMatch: parseIfMatch(request.headers.get('if-match')),
      durable,
      log: (message: string) => context.log(message),
    } as const;
    const handle = target.method === 'GET' ? inList(target, params) : anyHandle(target);
    if (target.method === 'GET' && asksForCsv(request.headers.get('accept') ?? '')) {
      const { pathname } = new URL(request.url);
      const page = (continuationToken: string | undefined) =>
        handle({
          ...call,
          query: csvPage(query, request.query, continuationToken),
          reserved: undefined,
          claim: undefined,
        });
      return csvAnswer({ path: pathname, query: request.query, form: target.csv, page });
    }
    const reserve = () => (target.reserve as ((body: unknown) => unknown) | undefined)?.(body);
    const run = (reserved: unknown, claim?: ClaimHandle) => handle({ ...call, reserved, claim });
    const key = target.idempotent ? request.headers.get('idempotency-key') : null;
    if (key === null) return run(reserve());
    if (key.length < 1 || key.length > 256)
      throw new Problem('invalid-request', 'An Idempotency-Key has 1 to 256 characters.');
    const path = new URL(request.url).pathname;
    const claimAs = target.claimAs as EndpointSpec<unknown, unknown, unknown>['claimAs'];
    const identity = claimAs?.({ params, body }) ?? {
      scope: caller.id,
      fingerprint: fingerprintOf({ method: target.method, path, query, body }),
    };
    return claims.run({ ...identity, key, reserve }, run);
  }

  function route(request: HttpRequest): { target: Endpoint; params: Record<string, string> } {
    // The server leaves out the body of what is answered to HEAD.
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const found = router.find(method as HTTPMethod, pathOf(request));
    if (found) return { target: found.store as Endpoint, params: found.params as Record<string, string> };
    const allowed = allowedAt(request);
    const { pathname } = new URL(request.url);
    throw new Problem('method-not-allowed', `${pathname} takes ${allowed.join(', ')}.`, { extra: { allowed } });
  }

  /** The methods that an address takes. Throws Problem not-found for one that takes none. */
  function allowedAt(request: HttpRequest): Method[] {
    const allowed = METHODS.filter((method) => router.find(method, pathOf(request)));
    if (allowed.length > 0) return allowed;
    const { pathname } = new URL(request.url);
    throw new Problem('not-found', `There is nothing at ${pathname}. docs/api.md lists what there is.`);
  }

  async function authenticate(target: Endpoint, params: Record<string, string>, request: HttpRequest): Promise<Caller> {
    if (target.roles === 'anyone') return { role: 'User', id: 'anyone', channel: undefined };
    const caller = await authenticator.authenticate(request.headers.get('authorization'));
    if (!target.roles.includes(caller.role)) {
      throw new Problem('forbidden', `This call is for ${target.roles.join(' and ')}; your token says ${caller.role}.`);
    }
    if (caller.channel !== undefined && params.channel !== undefined && caller.channel !== params.channel) {
      throw new Problem(
        'forbidden',
        `Your token is for channel ${caller.channel}; it can't be used for another channel.`,
      );
    }
    return caller;
  }

  return async (request, context, durable) => {
    try {
      return answerResponse(await dispatch(request, context, durable));
    } catch (error) {
      return problemResponse(toProblem(error, context));
    }
  };
}

type Handle = (call: Call<unknown, unknown, unknown>) => Promise<Answer>;

const anyHandle = ({ handle }: Endpoint) => handle as Handle;

/** A handler whose continuation tokens are good for this address alone. */
function inList(target: Endpoint, params: Readonly<Record<string, string>>): Handle {
  const list = JSON.stringify([target.path, params]);
  return async (call) => {
    const asked = tokenIn(call.query);
    const inner = asked !== undefined && { continuationToken: unbindContinuation(list, asked) };
    const answer = await anyHandle(target)(inner ? { ...call, query: { ...(call.query as object), ...inner } } : call);
    const next = tokenIn(answer.body);
    if (next === undefined) return answer;
    return { ...answer, body: { ...(answer.body as object), continuationToken: bindContinuation(list, next) } };
  };
}

/** The continuation token in a query or a page. */
function tokenIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('continuationToken' in value)) return undefined;
  return typeof value.continuationToken === 'string' ? value.continuationToken : undefined;
}

/** The address below /api. */
function pathOf(request: HttpRequest): string {
  const { pathname } = new URL(request.url);
  return pathname.startsWith(`${PREFIX}/`) ? pathname.slice(PREFIX.length) : pathname;
}

/** The query for one of the pages of a list that is asked for as CSV: large ones, unless the caller says otherwise. */
function csvPage(query: unknown, asked: URLSearchParams, continuationToken: string | undefined): unknown {
  if (typeof query !== 'object' || query === null || !('pageSize' in query)) return query;
  const pageSize = asked.has('pageSize') ? query.pageSize : MAX_PAGE_SIZE;
  return { ...query, pageSize, ...(continuationToken !== undefined && { continuationToken }) };
}

function toProblem(error: unknown, context: InvocationContext): Problem {
  if (error instanceof Problem) return error;
  context.error(error);
  if (error instanceof StorageUnavailable || isTransient(error)) {
    const detail =
      'Storage or the host’s durable engine did not answer. Nothing is lost: repeat the request under the same Idempotency-Key.';
    return new Problem('storage-unavailable', detail, { retryAfterSeconds: 5 });
  }
  return new Problem(
    'internal-error',
    `The log has the cause under invocation ${context.invocationId}. Repeating the request may help.`,
  );
}
