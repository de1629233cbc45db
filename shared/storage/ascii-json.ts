import type { StoragePolicy } from './size-limits.ts';

/** JSON text with every UTF-16 unit beyond ASCII escaped. It is the same value when parsed, and may be cut anywhere on its way. */
export function escapeNonAscii(json: string): string {
  return json.replace(/[\u0080-\uFFFF]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * Sends a single row's JSON in ASCII, other letters as `\uXXXX`, which means the same. The emulator (Azurite 3.35) decodes
 * each network packet of such a request by itself, and so breaks letters that lie across two of them; a transaction's
 * body it reads whole.
 */
export const asciiBodyPolicy: StoragePolicy = {
  name: 'spillwayAsciiBody',
  sendRequest(request, next) {
    if (typeof request.body === 'string' && request.body.startsWith('{')) request.body = escapeNonAscii(request.body);
    return next(request);
  },
};
