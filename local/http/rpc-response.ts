import type { InvocationResult, RpcHttp, RpcTypedData } from '../functions-core/function-app.ts';
import { emptyResponse, type HostResponse } from './host-http.ts';
import { type RpcCookie, setCookieHeader } from './set-cookie.ts';

/** Headers about the connection or the body's length, which are the server's own business. */
const SERVERS_OWN = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding', 'upgrade']);

/** The answer that a function's result makes: 204 when it returned nothing. */
export function fromInvocationResult(result: InvocationResult): HostResponse {
  const http = result.returnValue?.http ?? Object.values(result.outputs).find((output) => output.http)?.http;
  return http ? fromRpcHttp(http) : emptyResponse(204);
}

function fromRpcHttp(http: RpcHttp): HostResponse {
  const headers: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries(http.headers ?? {})) {
    if (!SERVERS_OWN.has(name.toLowerCase())) headers[name.toLowerCase()] = value;
  }
  const cookies = (http.cookies ?? []) as readonly RpcCookie[];
  if (cookies.length > 0) {
    const own = headers['set-cookie'];
    headers['set-cookie'] = [...(typeof own === 'string' ? [own] : []), ...cookies.map(setCookieHeader)];
  }
  return { status: Number(http.statusCode ?? 200), headers, body: toBody(http.body) };
}

function toBody(data: RpcTypedData | undefined): Buffer | string {
  if (data?.bytes) return Buffer.from(data.bytes);
  const text = data?.string ?? data?.json ?? data?.int ?? data?.double;
  return text === undefined || text === null ? '' : String(text);
}
