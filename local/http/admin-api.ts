import { arch, hostname } from 'node:os';
import { Problem } from '../../shared/problem.ts';
import type { RegisteredFunction, RpcTypedData } from '../functions-core/function-app.ts';
import { describeFunction } from './describe-function.ts';
import { isJson } from './guard.ts';
import { emptyResponse, type HostRequest, type HostResponse, jsonResponse, problemResponse } from './host-http.ts';
import { byFunctionName } from './router.ts';

/** What the Functions host calls itself in this state. Only `Running` serves functions. */
export type HostState = 'Starting' | 'Running' | 'Stopping';

/** What is answered in a state in which no functions are served. */
export function notServing(state: HostState): Problem {
  const detail = `The host is ${state === 'Stopping' ? 'stopping' : 'starting'}. Repeat the request in a moment.`;
  return new Problem('host-not-running', detail, { retryAfterSeconds: 1 });
}

/** What `/admin` needs of the host. */
export interface AdminParts {
  readonly functions: () => ReadonlyMap<string, RegisteredFunction>;
  readonly isSwitchedOff: (fn: RegisteredFunction) => boolean;
  readonly state: () => HostState;
  readonly routePrefix: string;
  /** Folder of package.json. */
  readonly projectPath: string;
  /** Starts a function that has no HTTP trigger, without waiting for its end. */
  readonly runByHand: (fn: RegisteredFunction, input: unknown) => void;
}

/** The version of the Functions host whose behaviour this one follows. */
const HOST_VERSION = '4.1037.0.0';

/** Answers `/admin/…`, or undefined when there's no such thing. Needs no key: the local host listens on this machine only. */
export function handleAdmin(request: HostRequest, parts: AdminParts): HostResponse | undefined {
  const { pathname, host } = new URL(request.url);
  const [, area, ...path] = pathname.replace(/\/$/, '').split('/');
  if (area?.toLowerCase() !== 'admin') return undefined;
  const [kind, ...rest] = path.map((segment) => decodeURIComponent(segment));
  if (kind === 'functions') return handleFunctions(request, rest, parts);
  const what = kind === 'host' && rest.length === 1 ? rest[0] : undefined;
  if (what === 'status' && request.method === 'GET') return jsonResponse(200, hostStatus(host, parts.state()));
  if (what === 'ping' && (request.method === 'GET' || request.method === 'POST')) return pong;
  return emptyResponse(404);
}

function handleFunctions(request: HostRequest, path: readonly string[], parts: AdminParts): HostResponse {
  const { method } = request;
  const place = { ...parts, origin: new URL(request.url).origin };
  const describe = (fn: RegisteredFunction) => describeFunction(fn, parts.isSwitchedOff(fn), place);
  const [name, what] = path;
  const functions = [...parts.functions().values()].sort(byFunctionName);
  if (name === undefined) return method === 'GET' ? jsonResponse(200, functions.map(describe)) : emptyResponse(405);
  const fn = functions.find((other) => other.name.toLowerCase() === name.toLowerCase());
  if (!fn || path.length > 2) return emptyResponse(404);
  if (what !== undefined) return what === 'status' && method === 'GET' ? jsonResponse(200, {}) : emptyResponse(404);
  if (method === 'GET') return jsonResponse(200, describe(fn));
  return method === 'POST' ? runByHand(fn, request, parts) : emptyResponse(405);
}

/** The trigger's value when a function that isn't a timer is run by hand. */
export function inputByHand(input: unknown): RpcTypedData {
  if (input === undefined || input === null) return { string: '' };
  return typeof input === 'string' ? { string: input } : { json: JSON.stringify(input) };
}

const pong = emptyResponse(200, { 'cache-control': 'no-store,no-cache', pragma: 'no-cache' });

function runByHand(fn: RegisteredFunction, request: HostRequest, parts: AdminParts): HostResponse {
  if (parts.state() !== 'Running') return problemResponse(notServing(parts.state()));
  if (!isJson(request.headers['content-type'])) return emptyResponse(415);
  let body: unknown;
  try {
    body = JSON.parse(request.body.toString('utf8'));
  } catch {
    return emptyResponse(400);
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return emptyResponse(400);
  if (fn.trigger.binding.type.toLowerCase() === 'httptrigger') return emptyResponse(400);
  parts.runByHand(fn, (body as { input?: unknown }).input);
  return emptyResponse(202);
}

function hostStatus(host: string, state: HostState) {
  return {
    id: host,
    state,
    version: HOST_VERSION,
    versionDetails: `${HOST_VERSION} (local host, Node.js ${process.version}, ${arch()})`,
    platformVersion: '',
    instanceId: `${hostname()}-${process.pid}`,
    computerName: hostname(),
    processUptime: Math.round(process.uptime() * 1000),
    functionAppContentEditingState: 'NotAllowed',
  };
}
