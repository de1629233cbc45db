/**
 * What all endpoints share, around each one's handler: who calls → form of the request → claim → handler → answer; every
 * refusal as problem details. Which endpoint a request is for is the Functions host's work (docs/adr/0017).
 */
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type { DurableClient } from 'durable-functions';
import { languageOf } from '../messages/languages.ts';
import { Problem } from '../problem.ts';
import type { Authenticator } from '../security/authenticator.ts';
import type { Caller } from '../security/caller.ts';
import { isTransient, StorageUnavailable } from '../storage/storage-errors.ts';
import type { Claims } from './claims.ts';
import { fingerprintOf } from './claims.ts';
import { asksForCsv, csvAnswer } from './csv-lists.ts';
import type { Answer, Call, ClaimHandle, Endpoint, EndpointSpec } from './endpoint.ts';
import { bindContinuation, MAX_PAGE_SIZE, unbindContinuation } from './lists.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { parseBody, parseIfMatch, parseQuery, queryOf } from './request-parts.ts';
import { answerResponse, problemResponse } from './responses.ts';

/** What the handlers share. */
export interface HttpHandlerOptions {
  readonly authenticator: Authenticator;
  readonly claims: Claims;
  readonly rateLimiter: RateLimiter;
  /** The key that seals continuation tokens. */
  readonly continuationKey: () => Promise<Uint8Array>;
}

/** Answers one request. `durable` is there where the endpoint asks for it. */
export type HttpAnswerer = (
  request: HttpRequest,
  context: InvocationContext,
  durable?: DurableClient,
) => Promise<HttpResponseInit>;

/** Gives each endpoint the handler of its Azure function. */
export function createHttpHandlers(options: HttpHandlerOptions): (target: Endpoint) => HttpAnswerer {
  const { authenticator, claims, rateLimiter, continuationKey } = options;

  async function answer(
    target: Endpoint,
    request: HttpRequest,
    context: InvocationContext,
    durable: DurableClient | undefined,
  ): Promise<Answer> {
    const { params } = request;
    const caller = await authenticate(target, params, request);
    const asked = queryOf(request.url);
    const query = parseQuery(target, asked);
    const body = await parseBody(target, request);
    const call = {
      caller,
      params,
      query,
      body,
      ifMatch: parseIfMatch(request.headers.get('if-match')),
      durable,
      header: (name: string) => request.headers.get(name),
      log: (message: string) => context.log(message),
    } as const;
    const handle = target.method === 'GET' ? inList(target, params, continuationKey) : anyHandle(target);
    if (target.method === 'GET' && asksForCsv(request.headers.get('accept') ?? '')) {
      const { pathname } = new URL(request.url);
      const page = (continuationToken: string | undefined) =>
        handle({
          ...call,
          query: csvPage(query, asked, continuationToken),
          reserved: undefined,
          claim: undefined,
        });
      return csvAnswer({ path: pathname, query: asked, form: target.csv, page });
    }
    const reserve = () => (target.reserve as ((body: unknown) => unknown) | undefined)?.(body);
    const run = (reserved: unknown, claim?: ClaimHandle) => handle({ ...call, reserved, claim });
    const key = target.idempotent ? request.headers.get('idempotency-key') : null;
    if (key === null) return run(reserve());
    if (key.length < 1 || key.length > 256) throw new Problem('idempotency-key-malformed', {});
    const path = new URL(request.url).pathname;
    const claimAs = target.claimAs as EndpointSpec<unknown, unknown, unknown>['claimAs'];
    const identity = claimAs?.({ params, body }) ?? {
      scope: caller.id,
      fingerprint: fingerprintOf({ method: target.method, path, query, body }),
    };
    return claims.run({ ...identity, key, reserve }, run);
  }

  async function authenticate(
    target: Endpoint,
    params: Readonly<Record<string, string>>,
    request: HttpRequest,
  ): Promise<Caller> {
    if (target.roles === 'anyone') {
      spend(NOBODY);
      return { role: 'User', id: 'anyone', channel: undefined };
    }
    const caller = await authenticator.authenticate(request.headers.get('authorization')).catch((error: unknown) => {
      spend(NOBODY);
      throw error;
    });
    spend(`${caller.role} ${caller.channel ?? caller.id}`);
    if (!target.roles.includes(caller.role)) {
      throw new Problem('role-not-allowed', { roles: target.roles, role: caller.role });
    }
    if (caller.channel !== undefined && params.channel !== undefined && caller.channel !== params.channel) {
      throw new Problem('token-of-another-channel', { channel: caller.channel });
    }
    return caller;
  }

  function spend(bucket: string): void {
    const waitSeconds = rateLimiter.take(bucket);
    if (waitSeconds === 0) return;
    throw new Problem('rate-exceeded', { seconds: waitSeconds }, { retryAfterSeconds: waitSeconds });
  }

  return (target) => async (request, context, durable) => {
    const language = languageOf(request.headers.get('accept-language'));
    try {
      return answerResponse(await answer(target, request, context, durable), language);
    } catch (error) {
      return problemResponse(toProblem(error, context), language);
    }
  };
}

/** The bucket of all who prove nothing. */
const NOBODY = 'nobody';

type Handle = (call: Call<unknown, unknown, unknown>) => Promise<Answer>;

const anyHandle = ({ handle }: Endpoint) => handle as Handle;

/** A handler whose continuation tokens are good for this address and query alone; a page's size may change on the way. */
function inList(
  { route, ...target }: Endpoint,
  params: Readonly<Record<string, string>>,
  keyOf: HttpHandlerOptions['continuationKey'],
): Handle {
  return async (call) => {
    const { pageSize: _pageSize, continuationToken: asked, ...filters } = (call.query ?? {}) as Record<string, unknown>;
    const list = JSON.stringify([route, params, filters]);
    const inner = typeof asked === 'string' && {
      continuationToken: unbindContinuation(await keyOf(), list, asked),
    };
    const answer = await (target.handle as Handle)(
      inner ? { ...call, query: { ...(call.query as object), ...inner } } : call,
    );
    const next = tokenIn(answer.body);
    if (next === undefined) return answer;
    const continuationToken = bindContinuation(await keyOf(), list, next);
    return { ...answer, body: { ...(answer.body as object), continuationToken } };
  };
}

/** The continuation token of a page. */
function tokenIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('continuationToken' in value)) return undefined;
  return typeof value.continuationToken === 'string' ? value.continuationToken : undefined;
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
    return new Problem('storage-silent', {}, { retryAfterSeconds: 5 });
  }
  return new Problem('fault-logged', { invocationId: context.invocationId });
}
