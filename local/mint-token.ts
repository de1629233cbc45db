import { importJWK, SignJWT } from 'jose';
import type { TokenArgs } from './args.ts';
import { ALGORITHM, type SigningKey } from './signing-key.ts';

/** Who issues local tokens and whom they are for, when no setting says otherwise. */
const LOCAL_ISSUER = 'https://spillway.local';
const LOCAL_AUDIENCE = 'spillway';

/** What the app is told about tokens. Settings that exist win. */
export interface AuthSettings {
  readonly AUTH_ISSUER: string;
  readonly AUTH_AUDIENCE: string;
  readonly AUTH_JWKS: string;
}

/** The settings under which the app takes local tokens. */
export function authSettings(env: NodeJS.ProcessEnv, key: SigningKey): AuthSettings {
  return {
    AUTH_ISSUER: env.AUTH_ISSUER || LOCAL_ISSUER,
    AUTH_AUDIENCE: env.AUTH_AUDIENCE || LOCAL_AUDIENCE,
    AUTH_JWKS: env.AUTH_JWKS || key.publicKeySet,
  };
}

/** Signs a bearer token with the local key. */
export async function mintToken(
  request: TokenArgs,
  key: SigningKey,
  settings: Pick<AuthSettings, 'AUTH_ISSUER' | 'AUTH_AUDIENCE'>,
  nowMs: number,
): Promise<string> {
  const nowSeconds = Math.floor(nowMs / 1000);
  const claims = { roles: [request.role], ...(request.channel === undefined ? {} : { channel: request.channel }) };
  return new SignJWT(claims)
    .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT', ...(key.privateJwk.kid ? { kid: key.privateJwk.kid } : {}) })
    .setSubject(request.subject)
    .setIssuer(settings.AUTH_ISSUER)
    .setAudience(settings.AUTH_AUDIENCE)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + request.lifetimeSeconds)
    .sign(await importJWK(key.privateJwk, ALGORITHM));
}
