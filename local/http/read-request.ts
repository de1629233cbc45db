import type { IncomingMessage } from 'node:http';
import type { HostRequest } from './host-http.ts';

/** The Functions host's limit for a request's body, in bytes (100 MiB). */
export const MAX_BODY_BYTES = 104_857_600;

/** The request has a body that is too long; its rest is thrown away. */
export class BodyTooLargeError extends Error {}

/** The request's target or Host header makes no URL. */
export class BadTargetError extends Error {}

/**
 * Reads a request with its body.
 *
 * @param ownHost host and port to assume when the request names none.
 * @throws BodyTooLargeError, BadTargetError, or what the connection throws when it breaks.
 */
export async function readRequest(
  incoming: IncomingMessage,
  ownHost: string,
  maxBodyBytes: number = MAX_BODY_BYTES,
): Promise<HostRequest> {
  const url = requestUrl(incoming, ownHost);
  if (Number(incoming.headers['content-length'] ?? 0) > maxBodyBytes) throw new BodyTooLargeError();
  const body = await readBody(incoming, maxBodyBytes);
  return { method: incoming.method ?? 'GET', url, headers: requestHeaders(incoming), body };
}

/** What comes after the limit is thrown away as it comes, so that the client can end sending and read the refusal. */
function readBody(incoming: IncomingMessage, maxBodyBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let length = 0;
    incoming.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxBodyBytes) {
        chunks.push(chunk);
      } else {
        chunks = [];
        reject(new BodyTooLargeError());
      }
    });
    incoming.once('end', () => resolve(Buffer.concat(chunks)));
    incoming.once('error', reject);
    incoming.once('close', () => reject(new Error('The client closed the connection.')));
  });
}

function requestUrl(incoming: IncomingMessage, ownHost: string): string {
  const target = incoming.url ?? '/';
  const absolute = target.startsWith('/') ? `http://${incoming.headers.host ?? ownHost}${target}` : target;
  if (!URL.canParse(absolute)) throw new BadTargetError();
  return new URL(absolute).href;
}

function requestHeaders(incoming: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}
