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
        throw unauthenticated(`The token's channel ${channel} isn't known here. An administrator makes it first.`);
      }
      const { role, userId } = claims;
      const { state } = await users.findUser(userId);
      if (state === 'present') return { role, id: userId, channel: undefined };
      throw unauthenticated(`The token's user ${userId} ${USER_REFUSALS[state]}. Ask an administrator.`);
    },
  };
}

const USER_REFUSALS = { disabled: 'is disabled', removed: 'was removed', never: "isn't known here" } as const;

function bearerToken(authorization: string | null): string {
  const token = /^Bearer +(\S+)$/i.exec(authorization?.trim() ?? '')?.[1];
  if (token !== undefined) return token;
  throw unauthenticated(
    authorization === null
      ? 'Send a token: Authorization: Bearer <token>.'
      : 'The Authorization header has another form than: Bearer <token>.',
  );
}

function unauthenticated(detail: string): Problem {
  return new Problem('unauthenticated', detail);
}
