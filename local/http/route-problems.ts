import type { HttpRoute, RouteProblem } from './http-route.ts';
import { matchSegment } from './route-match.ts';
import { mayBeAbsent, type RouteSegment, type RouteTemplate } from './route-template.ts';

/**
 * Checks routes in the order in which they are tried.
 *
 * Two functions with one template and a common method: the later gets no route (the Functions host does the same).
 * Two templates that share paths, the earlier being the less exact: both stay, with a warning.
 */
export function findRouteProblems(candidates: readonly HttpRoute[]): {
  readonly routes: readonly HttpRoute[];
  readonly problems: readonly RouteProblem[];
} {
  const routes: HttpRoute[] = [];
  const problems: RouteProblem[] = [];
  for (const route of candidates) {
    const rivals = routes.filter((earlier) => haveCommonMethod(earlier, route));
    const same = rivals.find((earlier) => sameText(earlier.template, route.template));
    if (same) {
      problems.push({
        level: 'error',
        message: `The function '${route.fn.name}' has no route: '${same.fn.name}' has the same one, "${route.template.text}".`,
      });
      continue;
    }
    for (const earlier of rivals) {
      if (!hides(earlier.template, route.template)) continue;
      problems.push({
        level: 'warning',
        message:
          `'${earlier.fn.name}' ("${earlier.template.text}") hides '${route.fn.name}' ("${route.template.text}"): the Functions ` +
          'host tries routes in the order of function names. Rename one of them, or constrain a parameter.',
      });
    }
    routes.push(route);
  }
  return { routes, problems };
}

const sameText = (a: RouteTemplate, b: RouteTemplate) => a.text.toLowerCase() === b.text.toLowerCase();

/** Whether the earlier template takes paths for which the later one would be the better, or an equal, choice. */
function hides(earlier: RouteTemplate, later: RouteTemplate): boolean {
  return shape(earlier) === shape(later) || (overlap(earlier, later) && !isAtLeastAsExact(earlier, later));
}

/** The template without the names of its parameters. */
const shape = (template: RouteTemplate) => template.text.toLowerCase().replace(/\{(\**)[\w-]+/g, '{$1');

function haveCommonMethod(a: HttpRoute, b: HttpRoute): boolean {
  return !a.methods || !b.methods || [...a.methods].some((method) => b.methods?.has(method));
}

/** Whether some path fits both. Two parameters are taken to share values, whatever their constraints. */
function overlap(a: RouteTemplate, b: RouteTemplate, index = 0): boolean {
  const left = a.segments[index];
  const right = b.segments[index];
  if (isCatchAll(left) || isCatchAll(right)) return true;
  if (!left || !right) return [left, right].every((segment) => !segment || mayBeAbsent(segment));
  if (mayBeAbsent(left) && mayBeAbsent(right)) return true;
  return shareText(left, right) && overlap(a, b, index + 1);
}

const isCatchAll = (segment: RouteSegment | undefined) => segment?.kind === 'parameter' && segment.isCatchAll;

function shareText(a: RouteSegment, b: RouteSegment): boolean {
  if (a.kind === 'literal') return matchSegment({}, b, a.text);
  return b.kind === 'literal' ? matchSegment({}, a, b.text) : true;
}

/** ASP.NET's weights: literal text first, then a constrained or mixed segment, a parameter, a catch-all. */
function isAtLeastAsExact(a: RouteTemplate, b: RouteTemplate): boolean {
  for (const [index, segment] of a.segments.entries()) {
    const other = b.segments[index];
    if (!other) return false;
    if (weight(segment) !== weight(other)) return weight(segment) < weight(other);
  }
  return true;
}

function weight(segment: RouteSegment): number {
  if (segment.kind === 'literal') return 1;
  if (segment.kind === 'mixed') return 2;
  return (segment.isCatchAll ? 4 : 2) + (segment.constraints.length > 0 ? 0 : 1);
}
