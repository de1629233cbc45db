/** The token of this tab. It is kept for the tab alone and is gone with it. */
import { useSyncExternalStore } from 'react';

const KEY = 'spillway.token';

/** `expired`: there was a token, and the host no longer takes it. */
export type Session = { readonly state: 'none' | 'expired' } | { readonly state: 'signed-in'; readonly token: string };

const listeners = new Set<() => void>();
let session = readSession();

function readSession(): Session {
  const token = sessionStorage.getItem(KEY);
  return token === null ? { state: 'none' } : { state: 'signed-in', token };
}

function change(next: Session): void {
  session = next;
  if (next.state === 'signed-in') sessionStorage.setItem(KEY, next.token);
  else sessionStorage.removeItem(KEY);
  for (const listener of listeners) listener();
}

/** Takes a token from the address's fragment (`#token=…`), and takes it out of the address and the history at once. */
export function takeHandedToken(): void {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) return;
  history.replaceState(history.state, '', location.pathname + location.search);
  signIn(token);
}

/** Begins with a token; white space around it, as pasting brings along, doesn't count. */
export function signIn(token: string): void {
  change({ state: 'signed-in', token: token.trim() });
}

/** Ends: nothing of the session is left in the tab. */
export function signOut(): void {
  change({ state: 'none' });
}

/** The host refused a token. One that was replaced meanwhile is not at an end. */
export function expireToken(token: string): void {
  if (session.state === 'signed-in' && session.token === token) change({ state: 'expired' });
}

/** The token, outside of components. */
export function currentToken(): string | undefined {
  return session.state === 'signed-in' ? session.token : undefined;
}

/** The session; the component is drawn again when it changes. */
export function useSession(): Session {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => session,
  );
}
