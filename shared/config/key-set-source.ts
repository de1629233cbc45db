import { z } from 'zod';

/** Where the keys that sign tokens are found: given here, or fetched (and cached) from a URL. */
export type KeySetSource =
  | { readonly kind: 'inline'; readonly keySet: { readonly keys: PublicKey[] } }
  | { readonly kind: 'remote'; readonly url: URL };

/** A public JSON Web Key: what jose needs, and whatever else the key's type asks for. */
export interface PublicKey {
  kty: string;
  [member: string]: unknown;
}

const publicKeys = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) });

/** Members of a JSON Web Key that make it private (RFC 7518, 6.2.2 and 6.3.2) or a shared secret (6.4). */
const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/**
 * AUTH_JWKS: a JSON Web Key Set inline, or the https URL of one. Private and symmetric keys are refused: whoever can read
 * the setting could make tokens.
 */
export const keySetSource = z.string().transform((value, context): KeySetSource => {
  const refuse = (message: string) => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  if (!value.trimStart().startsWith('{')) {
    const url = URL.canParse(value) ? new URL(value) : undefined;
    if (url?.protocol !== 'https:') return refuse('is neither a JSON Web Key Set nor an https URL');
    return { kind: 'remote', url };
  }
  const keySet = publicKeys.safeParse(tryJson(value));
  if (!keySet.success) return refuse('is not a JSON Web Key Set: {"keys":[{"kty":…}]}');
  if (keySet.data.keys.some((key) => SECRET_MEMBERS.some((member) => member in key))) {
    return refuse('holds a private or symmetric key; only public keys belong here');
  }
  return { kind: 'inline', keySet: keySet.data };
});

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
