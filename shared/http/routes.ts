/**
 * Routes as the Functions host matches them: by segments, letter case and a trailing slash without weight, `{name}` for
 * any one segment, `{*name}` for all that follow, also none.
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
  const { fixed, rest } = partsOf(wanted);
  if (!reaches(given.length, { fixed, rest })) return undefined;
  const params: Record<string, string> = {};
  for (const [at, segment] of fixed.entries()) {
    const value = given[at] ?? '';
    if (isParameter(segment)) {
      const decoded = decodeSegment(value);
      if (!decoded) return undefined;
      params[segment.slice(1, -1)] = decoded;
    } else if (segment.toLowerCase() !== value.toLowerCase()) return undefined;
  }
  const following = given.slice(fixed.length).map(decodeSegment);
  if (following.includes(undefined)) return undefined;
  if (rest !== undefined && following.length > 0) params[rest] = following.join('/');
  return params;
}

/** A template's segments, and the name of the parameter that takes all that follow them. */
interface RouteParts {
  readonly fixed: readonly string[];
  readonly rest: string | undefined;
}

function partsOf(segments: readonly string[]): RouteParts {
  const last = segments.at(-1);
  return last?.startsWith('{*')
    ? { fixed: segments.slice(0, -1), rest: last.slice(2, -1) }
    : { fixed: segments, rest: undefined };
}

/** Whether an address of so many segments is as long as the route takes. */
function reaches(length: number, { fixed, rest }: RouteParts): boolean {
  return rest === undefined ? length === fixed.length : length >= fixed.length;
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
  const [a, b] = [partsOf(segmentsOf(one)), partsOf(segmentsOf(other))];
  const fits = reaches(a.fixed.length, b) || reaches(b.fixed.length, a);
  const meets = (segment: string, at: number) => {
    const beside = b.fixed[at] ?? '';
    const isPast = at >= b.fixed.length;
    return isPast || isParameter(segment) || isParameter(beside) || segment.toLowerCase() === beside.toLowerCase();
  };
  return fits && a.fixed.every(meets);
}
