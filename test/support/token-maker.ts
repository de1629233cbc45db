import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { PublicKey } from '../../shared/config/key-set-source.ts';

/** An issuer of tokens for tests, with a key of its own. */
export interface TokenMaker {
  readonly keySet: { keys: PublicKey[] };
  /** Signs claims as they are; `header` adds to or replaces `{alg, kid}`. */
  sign(claims: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
}

export const ISSUER = 'https://issuer.test/';
export const AUDIENCE = 'spillway-test';

/** Makes an issuer with a new ES256 key of the given key id. */
export async function createTokenMaker(kid = 'test-key'): Promise<TokenMaker> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' };
  return {
    keySet: { keys: [{ ...jwk, kty: 'EC' }] },
    sign: (claims, header = {}) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid, ...header }).sign(privateKey),
  };
}

/** Claims that pass every check, valid from `nowMs` for an hour. */
export function goodClaims(nowMs: number): Record<string, unknown> {
  const iat = Math.floor(nowMs / 1000);
  return { iss: ISSUER, aud: AUDIENCE, iat, exp: iat + 3600, sub: 'ann', roles: ['User'] };
}
