import { readFileSync } from 'node:fs';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { createFileOnce } from './create-file.ts';

/** Local tokens are signed with this algorithm. */
export const ALGORITHM = 'ES256';

/** The key that signs local tokens; the private half never leaves the machine. */
export interface SigningKey {
  readonly privateJwk: JWK;
  /** What the app checks tokens with: a JSON Web Key Set, as text. */
  readonly publicKeySet: string;
}

/**
 * Reads the signing key, and makes it when there's none yet: readable by its owner only, and the same for all processes
 * that ask at once.
 */
export async function openSigningKey(path: string): Promise<SigningKey> {
  const kept = readKey(path);
  if (kept) return toSigningKey(kept);
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const jwk = await exportJWK(privateKey);
  const kid = await calculateJwkThumbprint(jwk);
  createFileOnce(path, `${JSON.stringify({ ...jwk, kid, alg: ALGORITHM, use: 'sig' })}\n`, 0o600);
  const made = readKey(path);
  if (!made) throw new Error(`The signing key in ${path} was taken away.`);
  return toSigningKey(made);
}

function readKey(path: string): JWK | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as JWK;
  } catch {
    throw new Error(`${path} holds no signing key. Delete it to have a new one made.`);
  }
}

function toSigningKey(privateJwk: JWK): SigningKey {
  const { d: _private, ...publicJwk } = privateJwk;
  return { privateJwk, publicKeySet: JSON.stringify({ keys: [publicJwk] }) };
}
