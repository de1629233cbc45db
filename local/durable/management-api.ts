/**
 * The durable management API over HTTP: starts, watches and steers orchestrations, with the statuses, headers and bodies of
 * the Durable extension. Served twice: for everybody, and as the app's own durable client knows it.
 */

import { newExecutionId } from './execution-start.ts';
import type { Message } from './history.ts';
import { type DurableRequest, type DurableResponse, jsonResponse, message, plain, readJson } from './http-messages.ts';
import { isEnded } from './instance.ts';
import { listInstances, purgeInstances } from './instance-queries.ts';
import { managementUrls, RPC_PATH, WEBHOOK_PATH } from './management-urls.ts';
import type { OrchestrationClient } from './orchestration-client.ts';
import { statusPayload } from './status-payload.ts';

const MAX_INSTANCE_ID_CHARS = 100;

export class ManagementApi {
  readonly #client: OrchestrationClient;
  readonly #taskHubName: string;

  constructor(client: OrchestrationClient, taskHubName: string) {
    this.#client = client;
    this.#taskHubName = taskHubName;
  }

  /** Answers a request; undefined when its path is not of this API. */
  async handle(request: DurableRequest): Promise<DurableResponse | undefined> {
    const path = pathWithin(request.url.pathname);
    if (path === undefined) return undefined;
    const [area, ...segments] = path.split('/').map(decodeURIComponent);
    if (area === 'orchestrators') return this.#orchestrators(request, segments);
    if (area === 'instances') return this.#instances(request, segments);
    if (area === 'entities') return jsonResponse(501, 'The local host has no durable entities.');
    return plain(404);
  }

  async #orchestrators(request: DurableRequest, [name, instanceId]: string[]): Promise<DurableResponse> {
    if (request.method !== 'POST' || !name) return plain(404);
    const input = request.body.length === 0 ? 'null' : readJson(request.body);
    if (input === undefined) return message(400, 'Invalid JSON content');
    return this.#start(request, name, instanceId || newExecutionId(), input);
  }

  async #start(request: DurableRequest, name: string, instanceId: string, input: string): Promise<DurableResponse> {
    const problem = instanceIdProblem(instanceId);
    if (problem) return message(400, problem);
    const result = await this.#client.start(name, instanceId, input);
    if (result.kind === 'exists') {
      return message(409, `An Orchestration instance with the status ${result.status} already exists.`);
    }
    const timeoutSeconds = Number(request.url.searchParams.get('timeout') ?? Number.NaN);
    const isWaiting = Number.isFinite(timeoutSeconds) && request.url.searchParams.has('pollingInterval');
    return isWaiting ? this.#awaitEnd(request, instanceId, timeoutSeconds * 1000) : this.#started(request, instanceId);
  }

  #started(request: DurableRequest, instanceId: string): DurableResponse {
    const urls = managementUrls(request.url.origin, this.#taskHubName, instanceId);
    return jsonResponse(202, urls, { Location: urls.statusQueryGetUri, 'Retry-After': '10' });
  }

  async #awaitEnd(request: DurableRequest, instanceId: string, timeoutMs: number): Promise<DurableResponse> {
    const instance = await this.#client.waitForEnd(instanceId, timeoutMs);
    if (!instance || !isEnded(instance)) return this.#started(request, instanceId);
    if (instance.status !== 'Completed') return this.#status(request, instanceId);
    return { ...jsonResponse(200, null), body: Buffer.from(instance.output ?? 'null') };
  }

  async #instances(request: DurableRequest, [instanceId, operation, eventName]: string[]): Promise<DurableResponse> {
    const { method } = request;
    if (!instanceId) {
      if (method === 'GET') return listInstances(this.#client, request);
      return method === 'DELETE' ? purgeInstances(this.#client, request) : plain(404);
    }
    if (!operation) {
      if (method === 'GET') return this.#status(request, instanceId);
      return method === 'DELETE' ? this.#purge(instanceId) : plain(404);
    }
    if (method !== 'POST') return plain(404);
    if (eventName !== undefined) {
      return operation.toLowerCase() === 'raiseevent' ? this.#raiseEvent(request, instanceId, eventName) : plain(404);
    }
    return this.#steer(request, instanceId, operation.toLowerCase());
  }

  #status(request: DurableRequest, instanceId: string): DurableResponse {
    const instance = this.#client.get(instanceId);
    if (!instance) return plain(404);
    const isSet = (name: string): boolean => request.url.searchParams.get(name)?.toLowerCase() === 'true';
    const payload = statusPayload(instance, {
      showInput: request.url.searchParams.get('showInput')?.toLowerCase() !== 'false',
      showHistory: isSet('showHistory'),
      showHistoryOutput: isSet('showHistoryOutput'),
    });
    if (!isEnded(instance)) return jsonResponse(202, payload, { Location: request.url.href, 'Retry-After': '5' });
    return jsonResponse(
      instance.status === 'Failed' && isSet('returnInternalServerErrorOnFailure') ? 500 : 200,
      payload,
    );
  }

  async #purge(instanceId: string): Promise<DurableResponse> {
    return (await this.#client.purge(instanceId)) ? jsonResponse(200, { instancesDeleted: 1 }) : plain(404);
  }

  async #raiseEvent(request: DurableRequest, instanceId: string, name: string): Promise<DurableResponse> {
    const instance = this.#client.get(instanceId);
    if (!instance) return plain(404);
    if (isEnded(instance)) return plain(410);
    if (mediaType(request) !== 'application/json') {
      return message(400, 'Only application/json request content is supported');
    }
    const input = readJson(request.body);
    if (input === undefined) return message(400, 'Invalid JSON content');
    return this.#send(instanceId, (at) => ({ type: 'EventRaised', at, name, input }));
  }

  async #steer(request: DurableRequest, instanceId: string, operation: string): Promise<DurableResponse> {
    const reason = request.url.searchParams.get('reason');
    switch (operation) {
      case 'terminate':
        return this.#send(instanceId, (at) => ({ type: 'ExecutionTerminated', at, reason }));
      case 'suspend':
        return this.#send(instanceId, (at) => ({ type: 'ExecutionSuspended', at, reason }));
      case 'resume':
        return this.#send(instanceId, (at) => ({ type: 'ExecutionResumed', at, reason }));
      case 'restart':
        return this.#restart(request, instanceId);
      case 'rewind':
        return jsonResponse(501, 'The local host has no rewind.');
      default:
        return plain(404);
    }
  }

  async #send(instanceId: string, toMessage: (at: number) => Message): Promise<DurableResponse> {
    const status = { sent: 202, unknown: 404, ended: 410 } as const;
    return plain(status[await this.#client.send(instanceId, toMessage)]);
  }

  async #restart(request: DurableRequest, instanceId: string): Promise<DurableResponse> {
    const instance = this.#client.get(instanceId);
    if (!instance) return message(400, 'InstanceId does not match a valid orchestration instance.');
    const isSameId = request.url.searchParams.get('restartWithNewInstanceId')?.toLowerCase() === 'false';
    const { name, input } = instance.started;
    return this.#start(request, name, isSameId ? instanceId : newExecutionId(), input ?? 'null');
  }
}

/** The path below either base, without slashes around it. */
function pathWithin(pathname: string): string | undefined {
  for (const base of [WEBHOOK_PATH, RPC_PATH]) {
    if (pathname === base || pathname.startsWith(`${base}/`))
      return pathname.slice(base.length).replace(/^\/+|\/+$/g, '');
  }
  return undefined;
}

function mediaType(request: DurableRequest): string | undefined {
  return request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
}

function instanceIdProblem(instanceId: string): string | undefined {
  if (instanceId.startsWith('@')) return 'Orchestration instance ids must not start with @.';
  if (instanceId.length > MAX_INSTANCE_ID_CHARS) {
    return `Instance ID lengths must not exceed ${MAX_INSTANCE_ID_CHARS} characters.`;
  }
  if (/[/\\#?\p{Control}]/u.test(instanceId)) {
    return 'Orchestration instance IDs must not contain /, \\, #, ?, or control characters.';
  }
  return undefined;
}
