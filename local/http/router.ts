/**
 * Finds the function of an HTTP request.
 *
 * The Functions host doesn't weigh routes against each other: it tries them in the order of their functions' names
 * (letter case apart) and takes the first whose template and methods fit. This router does the same, so that what works
 * here works there, and reports the routes for which that order is a trap.
 */

import type { RegisteredFunction } from '../functions-core/function-app.ts';
import type { HttpRoute, RouteProblem } from './http-route.ts';
import { matchRoute, pathSegments, type RouteParams } from './route-match.ts';
import { findRouteProblems } from './route-problems.ts';
import { parseRouteTemplate } from './route-template.ts';

/** The routes of an app. */
export interface Router {
  /** In the order in which they are tried. */
  readonly routes: readonly HttpRoute[];
  /** Sentences about routes that can't be used, and about those that hide another one. */
  readonly problems: readonly RouteProblem[];
  /** @param path the request's path, still percent-encoded, without the query. */
  find(method: string, path: string): { readonly fn: RegisteredFunction; readonly params: RouteParams } | undefined;
}

/**
 * Makes the router of an app.
 *
 * @param routePrefix from host.json, `api` by default; empty for none.
 */
export function createRouter(functions: Iterable<RegisteredFunction>, routePrefix: string): Router {
  const problems: RouteProblem[] = [];
  const candidates: HttpRoute[] = [];
  for (const fn of [...functions].sort(byFunctionName)) {
    if (fn.trigger.binding.type.toLowerCase() !== 'httptrigger') continue;
    try {
      candidates.push(toRoute(fn, routePrefix));
    } catch (error) {
      problems.push({ level: 'error', message: `The function '${fn.name}' has no route. ${(error as Error).message}` });
    }
  }
  const { routes, problems: found } = findRouteProblems(candidates);
  return {
    routes,
    problems: [...problems, ...found],
    find(method, path) {
      const segments = pathSegments(path);
      for (const { fn, template, methods } of routes) {
        if (methods && !methods.has(method.toUpperCase())) continue;
        const params = matchRoute(template, segments);
        if (params) return { fn, params };
      }
      return undefined;
    },
  };
}

const upper = (fn: RegisteredFunction) => fn.name.toUpperCase();

/** The Functions host's order of functions: ordinal, letter case apart. */
export const byFunctionName = (a: RegisteredFunction, b: RegisteredFunction): number =>
  upper(a) < upper(b) ? -1 : Number(upper(a) > upper(b));

function toRoute(fn: RegisteredFunction, routePrefix: string): HttpRoute {
  const { route, methods } = fn.trigger.binding;
  const own = typeof route === 'string' && route.trim() !== '' ? route.replace(/^\/+|\/+$/g, '') : fn.name;
  if (/^(?:admin|runtime)/i.test(own)) {
    throw new Error(`The route "${own}" begins with a name that the Functions host keeps for itself.`);
  }
  const names = Array.isArray(methods) ? methods.map((method) => String(method).toUpperCase()) : [];
  return {
    fn,
    template: parseRouteTemplate(routePrefix === '' ? own : `${routePrefix}/${own}`),
    methods: names.length > 0 ? new Set(names) : undefined,
  };
}
