import { describe, expect, it } from 'vitest';
import { createAuthenticator } from '../../../shared/security/authenticator.ts';
import type { TokenClaims } from '../../../shared/security/tokens.ts';
import { fakeUsers } from './fake-users.ts';

function authenticator(claims: TokenClaims, channels: string[] = []) {
  const seen: string[] = [];
  const verifier = {
    verify: async (token: string) => {
      seen.push(token);
      return claims;
    },
  };
  const users = fakeUsers({ ann: 'present', bob: 'disabled', cid: 'removed' });
  const knowsChannel = async (id: string) => channels.includes(id);
  return { seen, users, ...createAuthenticator({ verifier, users, knowsChannel }) };
}

describe('E4 the caller of a request', () => {
  it('is the user of a good token', async () => {
    const { authenticate, seen } = authenticator({ role: 'Administrator', userId: 'ann' });
    expect(await authenticate('Bearer abc')).toEqual({ role: 'Administrator', id: 'ann', channel: undefined });
    expect(seen).toEqual(['abc']);
  });

  it.each([null, '', 'Bearer', 'Bearer ', 'Basic YTpi', 'abc', 'Bearer a b'])(
    'is not known from the header %j',
    async (header) => {
      const { authenticate, seen } = authenticator({ role: 'User', userId: 'ann' });
      await expect(authenticate(header)).rejects.toMatchObject({ status: 401 });
      expect(seen).toEqual([]);
    },
  );

  it.each([
    ['bob', /is disabled/],
    ['cid', /was removed/],
    ['dan', /isn't known/],
  ])('is refused when user %s may not act, also as Administrator', async (userId, detail) => {
    for (const role of ['User', 'Administrator'] as const) {
      const failure = authenticator({ role, userId }).authenticate('Bearer t');
      await expect(failure).rejects.toMatchObject({ status: 401, message: expect.stringMatching(detail) });
    }
  });

  it('is refused from the first call after its user was disabled', async () => {
    const { authenticate, users } = authenticator({ role: 'User', userId: 'ann' });
    await authenticate('Bearer t');
    users.states.ann = 'disabled';
    await expect(authenticate('Bearer t')).rejects.toMatchObject({ status: 401 });
  });

  it('is a channel that is known, and needs no user', async () => {
    const { authenticate } = authenticator({ role: 'Channel', channel: 'store-1' }, ['store-1']);
    expect(await authenticate('bearer t')).toEqual({ role: 'Channel', id: 'channel:store-1', channel: 'store-1' });
  });

  it('is not a channel that nobody made', async () => {
    const { authenticate } = authenticator({ role: 'Channel', channel: 'store-2' }, ['store-1']);
    await expect(authenticate('Bearer t')).rejects.toMatchObject({ status: 401 });
  });
});
