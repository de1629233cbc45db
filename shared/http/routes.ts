/**
 * Routes as the Functions host matches them: by segments, letter case and a trailing slash without weight, `{name}` for
 * any one segment.
 */
import type { Endpoint } from './endpoint.ts';

/** The segments of an address or a route template. */
const segmentsOf = (path: string): string[] => path.replace(/^\/|\/$/g, '').split('/');

const isParameter = (segment: string): boolean => segment.startsWith('{');

/** Tells which endpoints there are at an address below the prefix, and the values of their routes' parameters, decoded. */
export type RouteTable = (
  path: string,
) => readonly { readonly endpoint: Endpoint; readonly params: Readonly<Record<string, string>> }[];

/** The table of these endpoints; their templates are taken apart once. */
export function createRouteTable(endpoints: readonly Endpoint[]): RouteTable {
  const routes = endpoints.map((endpoint) => ({ endpoint, wanted: segmentsOf(endpoint.route) }));
  return (path) => {
    const given = segmentsOf(path);
    return routes.flatMap(({ endpoint, wanted }) => {
      const params = matchSegments(wanted, given);
      return params ? [{ endpoint, params }] : [];
    });
  };
}

function matchSegments(wanted: readonly string[], given: readonly string[]): Record<string, string> | undefined {
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [at, segment] of wanted.entries()) {
    const value = given[at] ?? '';
    if (isParameter(segment)) {
      const decoded = decodeSegment(value);
      if (!decoded) return undefined;
      params[segment.slice(1, -1)] = decoded;
    } else if (segment.toLowerCase() !== value.toLowerCase()) return undefined;
  }
  return params;
}

/** A path's segment, decoded; undefined where it holds a stray `%`. */
function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** Whether some address matches both routes. */
export function overlap(one: string, other: string): boolean {
  const [a, b] = [segmentsOf(one), segmentsOf(other)];
  const meets = (segment: string, at: number) => {
    const beside = b[at] ?? '';
    return isParameter(segment) || isParameter(beside) || segment.toLowerCase() === beside.toLowerCase();
  };
  return a.length === b.length && a.every(meets);
}
