import type { Caller } from './caller.ts';

/** Turns an Authorization header into the caller. Throws Problem `unauthenticated` for anything but a good token of an enabled user or known channel. */
export interface Authenticator {
  authenticate(authorization: string | null): Promise<Caller>;
}
