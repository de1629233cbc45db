import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { Problem } from '../problem.ts';

/** Items of the largest page that may be asked for. */
export const MAX_PAGE_SIZE = 500;

/** Query of every list: how many items a page holds (1 to 500, default 50) and where it begins. */
export const listQuery = {
  pageSize: z
    .string()
    .regex(/^\d+$/, `must be a number from 1 to ${MAX_PAGE_SIZE}`)
    .transform(Number)
    .pipe(z.number().min(1).max(MAX_PAGE_SIZE))
    .default(50),
  continuationToken: z.string().optional(),
};

/** A page of a list; `continuationToken` is absent on the last one. */
export interface Page<T> {
  readonly items: T[];
  readonly continuationToken?: string;
}

/** Packs a place in a list (any JSON value) into an opaque token. */
export function encodeContinuation(place: unknown): string {
  return Buffer.from(JSON.stringify(place), 'utf8').toString('base64url');
}

/** Characters of a token's seal: 132 bits. */
const SEAL_LENGTH = 22;

/** Ties a token to the list that gave it, with all that the list was asked for: a place in one list is none in another. */
export function bindContinuation(key: Uint8Array, list: string, token: string): string {
  return sealOf(key, list, token) + token;
}

/** The token that was tied to this list; one of another list, or of nobody, is a Problem `invalid-continuation-token`. */
export function unbindContinuation(key: Uint8Array, list: string, sealed: string): string {
  const token = sealed.slice(SEAL_LENGTH);
  const [given, own] = [sealed.slice(0, SEAL_LENGTH), sealOf(key, list, token)].map((seal) => Buffer.from(seal));
  if (given && own && given.length === own.length && timingSafeEqual(given, own)) return token;
  throw invalidToken();
}

function sealOf(key: Uint8Array, list: string, token: string): string {
  return createHmac('sha256', key).update(`${list}\n${token}`).digest('base64url').slice(0, SEAL_LENGTH);
}

function invalidToken(): Problem {
  return new Problem('continuation-token-foreign', {});
}

/** Unpacks a token that `encodeContinuation` made; anything else is a Problem `invalid-continuation-token`. */
export function decodeContinuation<T>(token: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(Buffer.from(token, 'base64url').toString('utf8')));
  } catch {
    throw invalidToken();
  }
}
