import { RestError } from '@azure/data-tables';

/** The storage service was busy, unreachable or slow, also after the retries. Trying again later is the cure; nothing is known of the write. */
export class StorageUnavailable extends Error {
  override readonly name = 'StorageUnavailable';

  constructor(what: string, cause: unknown) {
    super(`Storage didn't answer: ${what} (${cause instanceof Error ? cause.message : String(cause)})`, { cause });
  }
}

/** The storage service, or the size guard before it, refused what we sent; the same request will be refused again. */
export class StorageRefused extends Error {
  override readonly name = 'StorageRefused';

  /** Place in the transaction of the operation that was refused, where it is known. */
  readonly index: number | undefined;

  constructor(message: string, index: number | undefined, cause?: unknown) {
    super(message, { cause });
    this.index = index;
  }
}

const TRANSIENT_STATUS = new Set([408, 429, 500, 502, 503, 504]);
const TRANSIENT_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'REQUEST_SEND_ERROR',
  // The answer broke off, or couldn't be read.
  'PARSE_ERROR',
]);

/** Whether an answer with this HTTP status may be another one the next time. */
export function isTransientStatus(status: number): boolean {
  return TRANSIENT_STATUS.has(status);
}

/** Whether a storage failure may go away by itself (busy, timeout, connection lost). */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof RestError) {
    if (error.code !== undefined && TRANSIENT_CODES.has(error.code)) return true;
    if (error.statusCode !== undefined) return isTransientStatus(error.statusCode);
    return error.code === undefined;
  }
  const code = (error as NodeJS.ErrnoException).code;
  return code !== undefined && TRANSIENT_CODES.has(code);
}

/** Why a conditional write didn't happen. `exists`: the key is taken; `changed`: another ETag; `missing`: no such row. */
export type Conflict = 'exists' | 'changed' | 'missing';

/** The conflict that a storage failure stands for, or undefined when it is something else. */
export function conflictOf(error: unknown): Conflict | undefined {
  if (!(error instanceof RestError)) return undefined;
  if (error.statusCode === 412) return 'changed';
  if (error.statusCode === 409) return 'exists';
  if (error.statusCode === 404) return 'missing';
  return undefined;
}

/** Place of the operation that made a transaction fail: the service's message begins with it (`3:The …`). */
export function failedIndexOf(error: unknown): number | undefined {
  const match = error instanceof Error ? /^(\d+):/.exec(error.message) : null;
  return match ? Number(match[1]) : undefined;
}
