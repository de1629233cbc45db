import { setTimeout as sleep } from 'node:timers/promises';

/** An answer of the API; whoever calls names the shape of the body that it asked for. */
export interface ApiAnswer<Body> {
  readonly status: number;
  readonly body: Body;
  readonly headers: Headers;
}

export interface ApiCall {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  readonly idempotencyKey?: string;
  readonly ifMatch?: string;
  /** A status that is the answer, also where it says when to try again. */
  readonly final?: number;
}

/** How long a client keeps on asking while the host is down or busy. */
const PATIENCE_MS = 90_000;
/** Between two tries to reach a host that is down. */
const KNOCK_MS = 200;

/** A client as a channel would write it: repeats a call that got no answer, or "try later", under the same Idempotency-Key. */
export class ApiClient {
  readonly #baseUrl: () => string;
  readonly #token: string;
  readonly #knockMs: number;

  /** `baseUrl` without /api, such as `http://127.0.0.1:7071`; a function where it changes, which throws while there is none. */
  constructor(baseUrl: string | (() => string), token: string, knockMs = KNOCK_MS) {
    this.#baseUrl = typeof baseUrl === 'string' ? () => baseUrl : baseUrl;
    this.#token = token;
    this.#knockMs = knockMs;
  }

  /** Calls below /api. Rejects only when there was no usable answer for a long time. */
  async call<Body = unknown>(path: string, call: ApiCall = {}): Promise<ApiAnswer<Body>> {
    const endMs = Date.now() + PATIENCE_MS;
    for (;;) {
      const answer = await this.#once<Body>(path, call).catch((error: unknown) => String(error));
      if (typeof answer !== 'string') return answer;
      if (Date.now() > endMs) throw new Error(`${path} gave no answer for ${PATIENCE_MS} ms: ${answer}`);
      await sleep(/^\d+$/.test(answer) ? Math.min(Number(answer), 5) * 1000 : this.#knockMs);
    }
  }

  /** The answer, or the seconds after which to try again. Rejects when the connection breaks. */
  async #once<Body>(
    path: string,
    { method = 'GET', body, idempotencyKey, ifMatch, final }: ApiCall,
  ): Promise<ApiAnswer<Body> | string> {
    const headers = {
      authorization: `Bearer ${this.#token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
      ...(ifMatch && { 'if-match': ifMatch }),
    };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${this.#baseUrl()}/api${path}`, { method, headers, ...sent });
    const text = await response.text();
    const mayPass = response.status >= 400 && response.status !== final;
    const tryLater = mayPass ? response.headers.get('retry-after') : null;
    if (tryLater !== null) return tryLater;
    return {
      status: response.status,
      body: (text === '' ? undefined : JSON.parse(text)) as Body,
      headers: response.headers,
    };
  }

  /** A call that must succeed. Rejects with the problem otherwise. */
  async must<Body = unknown>(path: string, call: ApiCall = {}): Promise<ApiAnswer<Body>> {
    const answer = await this.call<Body>(path, call);
    if (answer.status < 300) return answer;
    throw new Error(`${call.method ?? 'GET'} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  }

  /** All items of a list, page by page. */
  async *list<Item>(path: string): AsyncGenerator<Item> {
    let token: string | undefined;
    do {
      const more = token === undefined ? '' : `&continuationToken=${encodeURIComponent(token)}`;
      const { body } = await this.must<{ items: Item[]; continuationToken?: string }>(
        `${path}${path.includes('?') ? '&' : '?'}pageSize=500${more}`,
      );
      yield* body.items;
      token = body.continuationToken;
    } while (token !== undefined);
  }
}
