/**
 * The local host's HTTP server: functions with HTTP triggers, `/admin`, the durable management API, `/`.
 *
 * It listens before the app is loaded, so that a port that is taken shows at once; until `serve` is called, and again
 * after `stopAccepting`, it answers 503. It hears this machine only.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Invocations } from '../invocations.ts';
import type { Log } from '../log.ts';
import { type AdminParts, type HostState, handleAdmin, notServing } from './admin-api.ts';
import { guard } from './guard.ts';
import { emptyResponse, type HostRequest, type HostResponse, problemResponse } from './host-http.ts';
import { BadTargetError, BodyTooLargeError, MAX_BODY_BYTES, readRequest } from './read-request.ts';
import { rootPage } from './root-page.ts';
import type { Router } from './router.ts';
import { toRpcRequest } from './rpc-request.ts';
import { fromInvocationResult } from './rpc-response.ts';

/** What the server answers from, once the app is loaded. */
export interface HttpHostParts {
  readonly router: Router;
  readonly invocations: Invocations;
  readonly admin: Omit<AdminParts, 'state'>;
  /** The durable host's management API; undefined for paths that aren't its own. */
  readonly handleDurable: (request: HostRequest) => Promise<HostResponse | undefined>;
}

/** As long as Kestrel keeps an idle connection. */
const KEEP_ALIVE_MS = 130_000;

/** Kestrel's limit for all headers together, in bytes. */
const MAX_HEADER_BYTES = 32_768;

/** What is answered to a head that can't be read, by Node's code. It takes no method that it doesn't know; the Functions host finds no function. */
const BAD_HEADS: Readonly<Record<string, string>> = {
  HPE_INVALID_METHOD: '404 Not Found',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** A server in one of three states: starting, running, stopping. */
export class HttpHost {
  readonly server: Server;
  readonly #log: Log;
  readonly #maxBodyBytes: number;
  readonly #hostNames: ReadonlySet<string>;
  #parts: HttpHostParts | undefined;
  #state: HostState = 'Starting';

  /** @param options.hostNames names of this host beside those of loopback: see guard.ts. */
  constructor(options: {
    readonly log: Log;
    readonly maxBodyBytes?: number;
    readonly hostNames?: ReadonlySet<string>;
  }) {
    this.#log = options.log;
    this.#hostNames = options.hostNames ?? new Set();
    this.#maxBodyBytes = options.maxBodyBytes ?? MAX_BODY_BYTES;
    this.server = createServer(
      { maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: KEEP_ALIVE_MS },
      (incoming, out) => {
        void this.#answer(incoming, out);
      },
    );
    this.server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      const line = BAD_HEADS[error.code ?? ''] ?? '400 Bad Request';
      if (socket.writable) socket.end(`HTTP/1.1 ${line}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      else socket.destroy();
    });
  }

  /** From now on requests reach the app. */
  serve(parts: HttpHostParts): void {
    this.#parts = parts;
    this.#state = 'Running';
  }

  /** Takes no more connections and refuses requests on the open ones; what is under way goes on. */
  stopAccepting(): void {
    this.#state = 'Stopping';
    this.server.close();
  }

  /** Stops accepting, and cuts what is still open. */
  close(): void {
    this.stopAccepting();
    this.server.closeAllConnections();
  }

  async #answer(incoming: IncomingMessage, out: ServerResponse): Promise<void> {
    const response = await this.#respond(incoming).catch((error: unknown): HostResponse => {
      if (error instanceof BodyTooLargeError) return emptyResponse(500);
      if (error instanceof BadTargetError || error instanceof URIError) return emptyResponse(400);
      // The client has gone, or a function failed (which is logged where it ran).
      return emptyResponse(500);
    });
    if (out.destroyed) return;
    try {
      const length = Buffer.byteLength(response.body);
      const leaving = this.#state === 'Stopping' ? { connection: 'close' } : {};
      out.writeHead(response.status, { ...toHeaders(response, length), ...leaving });
      out.end(response.body);
    } catch (error) {
      this.#log({
        level: 'error',
        message: `The answer to ${incoming.url} can't be sent: ${(error as Error).message}`,
      });
      if (!out.headersSent) out.writeHead(500, { 'content-length': 0 });
      out.end();
    }
  }

  async #respond(incoming: IncomingMessage): Promise<HostResponse> {
    const address = this.server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const request = await readRequest(incoming, `127.0.0.1:${port}`, this.#maxBodyBytes);
    const { pathname } = new URL(request.url);
    const refusal = guard(request, this.#hostNames);
    if (refusal) return problemResponse(refusal);
    const admin = handleAdmin(request, {
      routePrefix: '',
      projectPath: '',
      runByHand: () => {},
      functions: () => new Map(),
      isSwitchedOff: () => false,
      ...this.#parts?.admin,
      state: () => this.#state,
    });
    if (admin) return admin;
    if (!this.#parts || this.#state !== 'Running') {
      return problemResponse(notServing(this.#state));
    }
    if (/^\/(?:runtime\/webhooks\/)?durabletask(?:\/|$)/i.test(pathname)) {
      return (await this.#parts.handleDurable(request)) ?? emptyResponse(404);
    }
    const found = this.#parts.router.find(request.method, pathname);
    if (found) {
      const result = await this.#parts.invocations.run(found.fn, toRpcRequest(request, found.params));
      return fromInvocationResult(result);
    }
    const isRoot = pathname === '/' && (request.method === 'GET' || request.method === 'HEAD');
    return isRoot ? rootPage : emptyResponse(404);
  }
}

/** A status that forbids a body gets no length either. */
function toHeaders(response: HostResponse, length: number): Record<string, string | string[] | number> {
  const headers: Record<string, string | string[] | number> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    headers[name] = typeof value === 'string' ? value : [...value];
  }
  if (response.status !== 204 && response.status !== 304) headers['content-length'] = length;
  return headers;
}
