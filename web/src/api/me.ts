import { currentToken, useSession } from './session.ts';

/** Who is signed in, as far as the page needs it to offer only what may be done. The host decides in the end. */
export interface Me {
  readonly id: string;
  readonly isAdministrator: boolean;
}

/** Reads the claims of the token; its signature is the host's to check. */
export function useMe(): Me {
  useSession();
  const claims = claimsOf(currentToken() ?? '');
  const roles = Array.isArray(claims.roles) ? claims.roles : [];
  return { id: typeof claims.sub === 'string' ? claims.sub : '', isAdministrator: roles.includes('Administrator') };
}

function claimsOf(token: string): Record<string, unknown> {
  try {
    const [, payload = ''] = token.split('.');
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (char) =>
      char.charCodeAt(0),
    );
    return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
  } catch {
    return {};
  }
}
