/** A cookie as the programming model hands it over; optional values are wrapped. */
export interface RpcCookie {
  readonly name: string;
  readonly value: string;
  readonly domain?: { value?: string } | undefined;
  readonly path?: { value?: string } | undefined;
  readonly expires?: { value?: { seconds?: number } } | undefined;
  readonly secure?: { value?: boolean } | undefined;
  readonly httpOnly?: { value?: boolean } | undefined;
  readonly maxAge?: { value?: number } | undefined;
  /** `none` stands for "not said"; `explicitNone` for SameSite=None. */
  readonly sameSite?: string | undefined;
}

const SAME_SITE: Readonly<Record<string, string>> = { lax: 'lax', strict: 'strict', explicitNone: 'none' };

/** The Set-Cookie header of a cookie. Without a path it counts for the whole site, as on the Functions host. */
export function setCookieHeader(cookie: RpcCookie): string {
  const parts = [`${encodeURIComponent(cookie.name)}=${encodeURIComponent(cookie.value)}`];
  const expires = cookie.expires?.value?.seconds;
  if (expires !== undefined) parts.push(`expires=${new Date(expires * 1000).toUTCString()}`);
  if (cookie.maxAge?.value !== undefined) parts.push(`max-age=${Math.trunc(cookie.maxAge.value)}`);
  if (cookie.domain?.value) parts.push(`domain=${cookie.domain.value}`);
  parts.push(`path=${cookie.path?.value ?? '/'}`);
  if (cookie.secure?.value) parts.push('secure');
  const sameSite = SAME_SITE[cookie.sameSite ?? ''];
  if (sameSite) parts.push(`samesite=${sameSite}`);
  if (cookie.httpOnly?.value) parts.push('httponly');
  return parts.join('; ');
}
