/** A request to the durable management API. Header names are in lower case. */
export interface DurableRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

export interface DurableResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** An answer without a body. */
export function plain(status: number): DurableResponse {
  return { status, headers: {}, body: Buffer.alloc(0) };
}

/** An answer with a JSON body. */
export function jsonResponse(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): DurableResponse {
  return {
    status,
    headers: { 'Content-Type': 'application/json; charset=utf-8', ...headers },
    body: Buffer.from(JSON.stringify(value)),
  };
}

/** A refusal in words. */
export function message(status: number, text: string): DurableResponse {
  return jsonResponse(status, { Message: text });
}

/** A body's JSON text without white space; undefined when it is no JSON. */
export function readJson(body: Buffer): string | undefined {
  try {
    return JSON.stringify(JSON.parse(body.toString('utf8')));
  } catch {
    return undefined;
  }
}
