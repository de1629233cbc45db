/**
 * Routes as the Functions host matches them: by segments, letter case and a trailing slash without weight, `{name}` for
 * any one segment.
 */
import type { Endpoint } from './endpoint.ts';

/** The segments of an address or a route template. */
const segmentsOf = (path: string): string[] => path.replace(/^\/|\/$/g, '').split('/');

const isParameter = (segment: string): boolean => segment.startsWith('{');

/** The values of a route's parameters at an address below the prefix, decoded; undefined where the route doesn't match. */
export function matchRoute(route: string, path: string): Record<string, string> | undefined {
  const wanted = segmentsOf(route);
  const given = segmentsOf(path);
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

/** The endpoints at an address below the prefix. */
export function endpointsAt(endpoints: readonly Endpoint[], path: string): Endpoint[] {
  return endpoints.filter(({ route }) => matchRoute(route, path) !== undefined);
}
