import type { SpawnedHost } from './local-host.ts';

/** What a host answered; the body of an answer that isn't JSON is empty. */
export interface HostAnswer<Body> {
  readonly status: number;
  readonly body: Body;
  readonly text: string;
  readonly headers: Headers;
}

/** Sends JSON to the API of a host. */
export async function callHost<Body>(
  host: Pick<SpawnedHost, 'fetch'>,
  token: string | undefined,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<HostAnswer<Body>> {
  const response = await host.fetch(`/api${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return { status: response.status, body: (isJson ? JSON.parse(text) : {}) as Body, text, headers: response.headers };
}
