/**
 * Who is let in to what steers the host: `/admin`, and the durable management API. The local host needs no key there, so it
 * must not take what a web page on somebody else's site has a browser send: a name that only looks like this machine's, a
 * foreign origin, or a body that a form can send.
 */
import { Problem } from '../../shared/problem.ts';
import type { HostRequest } from './host-http.ts';

const GUARDED = /^\/+(?:admin|runtime|durabletask)(?:\/|$)/i;
const LOOPBACK_NAME = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i;

/** Has a refusal of its own for other bodies, as the Durable extension does. */
const RAISES_EVENT = /\/raiseEvent\/[^/]*\/?$/i;

/** Reads `SPILLWAY_HOST_NAMES`: names under which the host may be called beside those of loopback, separated by commas. */
export function parseHostNames(setting: string | undefined): ReadonlySet<string> {
  const names = (setting ?? '').split(',').map((name) => name.trim().toLowerCase());
  return new Set(names.filter((name) => name !== ''));
}

/**
 * Why a request isn't let in, or undefined.
 *
 * @param hostNames in small letters, without ports; those of loopback go without saying.
 */
export function guard(request: HostRequest, hostNames: ReadonlySet<string>): Problem | undefined {
  const { pathname, hostname, host } = new URL(request.url);
  if (!GUARDED.test(pathname)) return undefined;
  const isOurs = (name: string) => LOOPBACK_NAME.test(name) || hostNames.has(name.toLowerCase());
  if (!isOurs(hostname)) {
    const detail = `This host isn't called ${hostname}. Use localhost, or name it in the setting SPILLWAY_HOST_NAMES.`;
    return new Problem('forbidden', detail);
  }
  const { origin, 'content-type': type } = request.headers;
  if (origin !== undefined && !isOwnOrigin(origin, host)) {
    return new Problem('forbidden', `Pages of ${origin} can't steer this host.`);
  }
  if (!isWellEscaped(pathname)) return new Problem('invalid-request', 'A % of the address begins no escape of UTF-8.');
  const isOther = request.body.length > 0 && !isJson(type) && !RAISES_EVENT.test(pathname);
  if (isOther && /^\/+(?:admin|runtime)\//i.test(pathname)) {
    return new Problem('unsupported-media-type', 'Send the body as JSON, with content-type application/json.');
  }
  return undefined;
}

/** A page that came from this host, under whichever of its names the request goes to. */
function isOwnOrigin(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host;
}

function isWellEscaped(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** Whether a content type is JSON's. */
export function isJson(type: string | undefined): boolean {
  return /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type ?? '');
}
