import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import { z } from 'zod';
import type { KeySetSource } from '../config/key-set-source.ts';
import { Problem } from '../problem.ts';
import { TOKEN_ROLES } from './caller.ts';
import { ID_PATTERN } from './ids.ts';

/** What a good token says. Whether its user or channel exists is another question (authenticator.ts). */
export type TokenClaims =
  | { readonly role: 'Administrator' | 'User'; readonly userId: string }
  | { readonly role: 'Channel'; readonly channel: string };

/** Verifies bearer tokens. */
export interface TokenVerifier {
  /** The claims of a compact JWT. Throws Problem unauthenticated that says what is wrong with it, or key-set-unavailable. */
  verify(token: string): Promise<TokenClaims>;
}

/** Signatures that a holder of the public key can't make; `none` and shared secrets (HS…) are not among them. */
const ALGORITHMS = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' ');

/** How far our clock may be behind the issuer's. A token's end is its end: who wants leeway there gets it from the issuer. */
const CLOCK_TOLERANCE_SECONDS = 5;

const ourClaims = z.object({
  sub: z.string().optional(),
  roles: z.array(z.string()),
  channel: z.string().optional(),
});

/** Builds the check of tokens: signature, issuer, audience, times, and the claims that we use. `now` in ms since 1970. */
export function createTokenVerifier(options: {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: JWTVerifyGetKey;
  readonly now?: () => number;
}): TokenVerifier {
  const { issuer, audience, keys, now = Date.now } = options;
  return {
    async verify(token) {
      try {
        const { payload, protectedHeader } = await jwtVerify(token, keys, {
          issuer,
          audience,
          algorithms: ALGORITHMS,
          requiredClaims: ['exp'],
          clockTolerance: CLOCK_TOLERANCE_SECONDS,
          currentDate: new Date(now()),
        });
        if (!isAccessToken(protectedHeader.typ)) throw new Problem('token-of-another-kind', {});
        if ((payload.exp ?? 0) * 1000 <= now()) throw new Problem('token-expired', {});
        return toClaims(payload);
      } catch (error) {
        throw error instanceof Problem ? error : refusalOf(error);
      }
    },
  };
}

/** Issuers sign other things with the same keys (logout tokens, for one), and mark them by `typ`. */
function isAccessToken(typ: string | undefined): boolean {
  return typ === undefined || /^(?:application\/)?(?:at\+)?jwt$/i.test(typ);
}

const MAX_KEY_SET_BYTES = 256 * 1024;
const KEY_SET_TIMEOUT_MS = 5_000;

/** The keys of a configured source; remote ones are fetched at first need, within limits, and kept for ten minutes. */
export function openKeySet(source: KeySetSource, load: FetchImplementation = fetch): JWTVerifyGetKey {
  if (source.kind === 'inline') return createLocalJWKSet(source.keySet);
  return createRemoteJWKSet(source.url, {
    timeoutDuration: KEY_SET_TIMEOUT_MS,
    [customFetch]: async (url, options) => boundedAnswer(await load(url, options)),
  });
}

/** An answer that was read no further than a key set may be long; who answers with more is cut off, and counts as out of order. */
async function boundedAnswer(answer: Response): Promise<Response> {
  if (!answer.body) return answer;
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of answer.body) {
    length += part.length;
    // Leaving the loop closes the connection.
    if (length > MAX_KEY_SET_BYTES) {
      throw new errors.JOSEError(`The key set is longer than ${MAX_KEY_SET_BYTES} bytes`);
    }
    parts.push(part);
  }
  return new Response(Buffer.concat(parts), { status: answer.status });
}

function toClaims(payload: JWTPayload): TokenClaims {
  const claims = ourClaims.safeParse(payload);
  if (!claims.success) throw new Problem('token-without-roles', {});
  const { sub, roles, channel } = claims.data;
  const role = TOKEN_ROLES.find((each) => roles.includes(each));
  if (!role) throw new Problem('token-roles-unknown', { roles: TOKEN_ROLES });
  return role === 'Channel' ? { role, channel: id('channel', channel) } : { role, userId: id('sub', sub) };
}

function id(claim: string, value: string | undefined): string {
  if (value !== undefined && ID_PATTERN.test(value)) return value;
  throw new Problem('token-claim-not-an-id', { claim });
}

/** What is told of a token that jose refused: which check failed, never what would have passed it. */
function refusalOf(error: unknown): Problem {
  if (error instanceof errors.JWTExpired) return new Problem('token-expired', {});
  if (error instanceof errors.JWTClaimValidationFailed) {
    const code = CLAIM_REFUSALS[error.claim];
    return code ? new Problem(code, {}) : new Problem('token-claim-wrong', { claim: error.claim });
  }
  if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey) {
    return new Problem('token-signature-wrong', {});
  }
  if (error instanceof errors.JWKSMultipleMatchingKeys) {
    return new Problem('token-key-unclear', {});
  }
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported) {
    return new Problem('token-algorithm-refused', {});
  }
  if (error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid) {
    return new Problem('token-malformed', {});
  }
  return new Problem(
    'issuer-keys-unreadable',
    {},
    {
      retryAfterSeconds: 5,
    },
  );
}

const CLAIM_REFUSALS: Readonly<Record<string, ClaimRefusal>> = {
  iss: 'token-of-another-issuer',
  aud: 'token-for-another-audience',
  exp: 'token-without-expiry',
  nbf: 'token-not-valid-yet',
};

type ClaimRefusal = `token-${'of-another-issuer' | 'for-another-audience' | 'without-expiry' | 'not-valid-yet'}`;
