import { type DurableRequest, type DurableResponse, jsonResponse, plain } from './http-messages.ts';
import { type Instance, isEnded } from './instance.ts';
import type { OrchestrationClient } from './orchestration-client.ts';
import { statusPayload } from './status-payload.ts';

const DEFAULT_PAGE_SIZE = 100;
const TOKEN_HEADER = 'x-ms-continuation-token';

/**
 * `GET instances`: by instance id, filtered by `runtimeStatus`, `instanceIdPrefix`, `createdTimeFrom` and `createdTimeTo`; `top`
 * at a time. The continuation token is the id to go on with.
 */
export function listInstances(client: OrchestrationClient, request: DurableRequest): DurableResponse {
  const { searchParams } = request.url;
  const prefix = searchParams.get('instanceIdPrefix') ?? '';
  const from = Buffer.from(request.headers[TOKEN_HEADER] ?? '', 'base64').toString('utf8');
  const pageSize = Number(searchParams.get('top')) || DEFAULT_PAGE_SIZE;
  const fits = instanceFilter(searchParams);
  const found = client
    .list()
    .filter((instance) => instance.started.instanceId >= from && instance.started.instanceId.startsWith(prefix))
    .filter(fits);
  const next = found[pageSize];
  const token: Record<string, string> = next
    ? { [TOKEN_HEADER]: Buffer.from(next.started.instanceId).toString('base64') }
    : {};
  const options = { showInput: true, showHistory: false, showHistoryOutput: false };
  const page = found.slice(0, pageSize).map((instance) => statusPayload(instance, options));
  return jsonResponse(200, page, token);
}

/** `DELETE instances`: ended instances by `createdTimeFrom` (needed), `createdTimeTo` and `runtimeStatus`. */
export async function purgeInstances(client: OrchestrationClient, request: DurableRequest): Promise<DurableResponse> {
  const { searchParams } = request.url;
  if (toTime(searchParams.get('createdTimeFrom')) === undefined) {
    return jsonResponse(400, "Please provide value for 'createdTimeFrom' parameter.");
  }
  const doomed = client.list().filter(isEnded).filter(instanceFilter(searchParams));
  const purged = await Promise.all(doomed.map((instance) => client.purge(instance.started.instanceId)));
  const instancesDeleted = purged.filter(Boolean).length;
  return instancesDeleted === 0 ? plain(404) : jsonResponse(200, { instancesDeleted });
}

function instanceFilter(searchParams: URLSearchParams): (instance: Instance) => boolean {
  const from = toTime(searchParams.get('createdTimeFrom')) ?? Number.NEGATIVE_INFINITY;
  const to = toTime(searchParams.get('createdTimeTo')) ?? Number.POSITIVE_INFINITY;
  const statuses = new Set<string>(
    searchParams
      .getAll('runtimeStatus')
      .flatMap((list) => list.split(','))
      .filter((status) => status !== ''),
  );
  return ({ started, status }) =>
    started.at >= from && started.at <= to && (statuses.size === 0 || statuses.has(status));
}

function toTime(text: string | null): number | undefined {
  const timeMs = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
