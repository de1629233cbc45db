import type { Problem } from '../../shared/problem.ts';

/** An HTTP request with its whole body, as the parts of the local host hand it to each other. */
export interface HostRequest {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  /** Names in lower case; repeated ones joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** An answer with its whole body. */
export interface HostResponse {
  readonly status: number;
  /** A list: one header line for each (Set-Cookie). */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer | string;
}

/** An answer without a body, the way the Functions host refuses things. */
export const emptyResponse = (status: number, headers: HostResponse['headers'] = {}): HostResponse => ({
  status,
  headers,
  body: '',
});

/** A refusal that says what is wrong. */
export function problemResponse(problem: Problem): HostResponse {
  const { retryAfterSeconds: seconds } = problem;
  return {
    status: problem.status,
    headers: {
      'content-type': 'application/problem+json; charset=utf-8',
      ...(seconds === undefined ? {} : { 'retry-after': String(seconds) }),
    },
    body: JSON.stringify(problem.toBody()),
  };
}

/** An answer in JSON. */
export const jsonResponse = (status: number, value: unknown): HostResponse => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(value),
});
