import type { RegisteredFunction } from '../functions-core/function-app.ts';
import type { RouteTemplate } from './route-template.ts';

/** A function with an HTTP trigger and where it answers. */
export interface HttpRoute {
  readonly fn: RegisteredFunction;
  /** With the route prefix. */
  readonly template: RouteTemplate;
  /** In capitals; undefined: all methods. */
  readonly methods: ReadonlySet<string> | undefined;
}

/** Something that the app's author should know about a route. */
export interface RouteProblem {
  /** `error`: the function gets no route, as on the Functions host. `warning`: it does. */
  readonly level: 'error' | 'warning';
  readonly message: string;
}
