import { SignJWT, UnsecuredJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { createTokenVerifier, openKeySet } from '../../../shared/security/tokens.ts';
import { AUDIENCE, createTokenMaker, goodClaims, ISSUER, type TokenMaker } from '../../support/token-maker.ts';

const NOW_MS = Date.parse('2026-03-01T12:00:00Z');
const NOW_SECONDS = NOW_MS / 1000;

let maker: TokenMaker;
let verify: (token: string) => Promise<unknown>;
beforeAll(async () => {
  maker = await createTokenMaker();
  const keys = openKeySet({ kind: 'inline', keySet: maker.keySet });
  verify = createTokenVerifier({ issuer: ISSUER, audience: AUDIENCE, keys, now: () => NOW_MS }).verify;
});

const verifyClaims = async (change: Record<string, unknown>) =>
  verify(await maker.sign({ ...goodClaims(NOW_MS), ...change }));

const unauthenticated = (detail: RegExp) => ({ slug: 'unauthenticated', message: expect.stringMatching(detail) });

/** A body that never ends. */
function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(64 * 1024).fill(0x20)) });
}

describe('E4 a token', () => {
  it('of the right issuer and audience says who calls', async () => {
    expect(await verifyClaims({})).toEqual({ role: 'User', userId: 'ann' });
  });

  it('of a channel needs no subject', async () => {
    const claims = { sub: undefined, roles: ['Channel'], channel: 'store-1' };
    expect(await verifyClaims(claims)).toEqual({ role: 'Channel', channel: 'store-1' });
  });

  it.each([
    [['Channel', 'User'], 'User'],
    [['User', 'Administrator', 'Channel'], 'Administrator'],
    [['SomethingElse', 'User'], 'User'],
  ])('with roles %j counts as %s: the strongest role wins and foreign ones are passed over', async (roles, role) => {
    expect(await verifyClaims({ roles, channel: 'store-1' })).toMatchObject({ role });
  });

  it.each([
    ['of another issuer', { iss: 'https://elsewhere.test/' }, /another issuer/],
    ['for another audience', { aud: 'another' }, /another audience/],
    ['that expired', { exp: NOW_SECONDS - 6 }, /expired/],
    ['that expires now', { exp: NOW_SECONDS }, /expired/],
    ['without an expiry', { exp: undefined }, /expiry/],
    ['that is not valid yet', { nbf: NOW_SECONDS + 60 }, /not valid yet/],
    ['without roles', { roles: undefined }, /roles/],
    ['whose roles are no list', { roles: 'Administrator' }, /roles/],
    ['with foreign roles alone', { roles: ['Owner'] }, /names none of/],
    ['of a user without a subject', { sub: undefined }, /`sub`/],
    ['whose subject could be no user id', { sub: 'a/../admin' }, /`sub`/],
    ['of a channel that names none', { roles: ['Channel'] }, /`channel`/],
  ])('%s is refused, and told why', async (_what, change, detail) => {
    await expect(verifyClaims(change)).rejects.toMatchObject(unauthenticated(detail));
  });

  it.each([undefined, 'JWT', 'jwt', 'at+jwt', 'application/at+jwt'])('of type %s counts', async (typ) => {
    const token = await maker.sign(goodClaims(NOW_MS), typ === undefined ? {} : { typ });
    expect(await verify(token)).toMatchObject({ userId: 'ann' });
  });

  it.each(['logout+jwt', 'dpop+jwt', 'id+jwt', 'xat+jwt', ''])('of type "%s" is refused', async (typ) => {
    const token = await maker.sign(goodClaims(NOW_MS), { typ });
    await expect(verify(token)).rejects.toMatchObject(unauthenticated(/another kind/));
  });

  it('of an issuer whose clock is a little ahead of ours counts', async () => {
    expect(await verifyClaims({ nbf: NOW_SECONDS + 4 })).toMatchObject({ userId: 'ann' });
  });

  it('signed with a key of somebody else is refused, also under our key id', async () => {
    const foreign = await createTokenMaker();
    const token = await foreign.sign(goodClaims(NOW_MS));
    await expect(verify(token)).rejects.toMatchObject(unauthenticated(/not signed with/));
    const unknownKey = await foreign.sign(goodClaims(NOW_MS), { kid: 'other' });
    await expect(verify(unknownKey)).rejects.toMatchObject(unauthenticated(/not signed with/));
  });

  it('whose claims were changed after signing is refused', async () => {
    const [header, , signature] = (await maker.sign(goodClaims(NOW_MS))).split('.');
    const claims = { ...goodClaims(NOW_MS), roles: ['Administrator'] };
    const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
    await expect(verify(`${header}.${payload}.${signature}`)).rejects.toMatchObject(unauthenticated(/not signed with/));
  });

  it('without a signature is refused', async () => {
    const token = new UnsecuredJWT(goodClaims(NOW_MS)).encode();
    await expect(verify(token)).rejects.toMatchObject({ slug: 'unauthenticated' });
  });

  it('signed with the public key as a shared secret is refused', async () => {
    const secret = new TextEncoder().encode(JSON.stringify(maker.keySet.keys[0]));
    const token = await new SignJWT(goodClaims(NOW_MS))
      .setProtectedHeader({ alg: 'HS256', kid: 'test-key' })
      .sign(secret);
    await expect(verify(token)).rejects.toMatchObject(unauthenticated(/of a kind that isn't taken/));
  });

  it.each(['', 'abc', 'a.b.c', 'ey.ey.ey'])('that is no JWT ("%s") is refused', async (token) => {
    await expect(verify(token)).rejects.toMatchObject({ slug: 'unauthenticated' });
  });

  it('is refused without naming what would have been right', async () => {
    const failure = verifyClaims({ iss: 'https://elsewhere.test/' });
    await expect(failure).rejects.toSatisfy((problem: Error) => !problem.message.includes(ISSUER));
  });
});

describe('E4 a key set behind a URL', () => {
  const verifierOf = (answer: () => Promise<Response>) => {
    let fetches = 0;
    const fetchKeys = () => {
      fetches++;
      return answer();
    };
    const keys = openKeySet({ kind: 'remote', url: new URL('https://issuer.test/keys') }, fetchKeys);
    const verifier = createTokenVerifier({ issuer: ISSUER, audience: AUDIENCE, keys, now: () => NOW_MS });
    return { verify: async () => verifier.verify(await maker.sign(goodClaims(NOW_MS))), fetches: () => fetches };
  };

  it('is fetched once for many tokens', async () => {
    const { verify: verifyGood, fetches } = verifierOf(async () => Response.json(maker.keySet));
    expect(await verifyGood()).toMatchObject({ userId: 'ann' });
    expect(await verifyGood()).toMatchObject({ userId: 'ann' });
    expect(fetches()).toBe(1);
  });

  it.each([
    ['answers an error', async () => new Response('busy', { status: 500 })],
    ['answers without end', async () => new Response(endless())],
    ['answers no key set', async () => Response.json({ nothing: true })],
    ['is out of reach', () => Promise.reject(new TypeError('fetch failed'))],
  ])('that %s is our trouble, not the token’s: 503 and Retry-After', async (_what, answer) => {
    const problem = { status: 503, slug: 'key-set-unavailable', retryAfterSeconds: 5 };
    await expect(verifierOf(answer).verify()).rejects.toMatchObject(problem);
  });
});
