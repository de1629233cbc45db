import { Problem } from '../problem.ts';
import type { Caller } from './caller.ts';
import type { TokenVerifier } from './tokens.ts';
import type { UserReader } from './users.ts';

/** Turns an Authorization header into the caller. Throws Problem `unauthenticated` for anything but a good token of an enabled user or known channel. */
export interface Authenticator {
  authenticate(authorization: string | null): Promise<Caller>;
}

/**
 * Builds the authenticator. A user is looked up at each call, so that disabling one works at once on every host; a
 * Channel token needs no user, but a channel that is known.
 */
export function createAuthenticator(ports: {
  readonly verifier: TokenVerifier;
  readonly users: UserReader;
  readonly knowsChannel: (channel: string) => Promise<boolean>;
}): Authenticator {
  const { verifier, users, knowsChannel } = ports;
  return {
    async authenticate(authorization) {
      const claims = await verifier.verify(bearerToken(authorization));
      if (claims.role === 'Channel') {
        const { channel } = claims;
        if (await knowsChannel(channel)) return { role: 'Channel', id: `channel:${channel}`, channel };
        throw new Problem('token-channel-unknown', { channel });
      }
      const { role, userId } = claims;
      const { state } = await users.findUser(userId);
      if (state === 'present') return { role, id: userId, channel: undefined };
      throw new Problem(USER_REFUSALS[state], { userId });
    },
  };
}

const USER_REFUSALS = {
  disabled: 'token-user-disabled',
  removed: 'token-user-removed',
  never: 'token-user-unknown',
} as const;

function bearerToken(authorization: string | null): string {
  const token = /^Bearer +(\S+)$/i.exec(authorization?.trim() ?? '')?.[1];
  if (token !== undefined) return token;
  throw new Problem(authorization === null ? 'token-missing' : 'authorization-malformed', {});
}
