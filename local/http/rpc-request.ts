import type { RpcTypedData } from '../functions-core/function-app.ts';
import type { HostRequest } from './host-http.ts';
import type { RouteParams } from './route-match.ts';

/**
 * A request as the Functions host hands it to the worker: values of a query key that is repeated are joined by a comma
 * (in the order of the request, letter case apart), the body is bytes and absent when empty.
 */
export function toRpcRequest(request: HostRequest, params: RouteParams): RpcTypedData {
  return {
    http: {
      method: request.method,
      url: request.url,
      headers: { ...request.headers },
      query: joinedQuery(new URL(request.url).searchParams),
      params: { ...params },
      ...(request.body.length > 0 ? { body: { bytes: request.body } } : {}),
    },
  };
}

function joinedQuery(parameters: URLSearchParams): Record<string, string> {
  const names = new Map<string, string>();
  const query: Record<string, string> = {};
  for (const [name, value] of parameters) {
    const known = names.get(name.toLowerCase());
    if (known === undefined) {
      names.set(name.toLowerCase(), name);
      query[name] = value;
    } else {
      query[known] = `${query[known] ?? ''},${value}`;
    }
  }
  return query;
}
