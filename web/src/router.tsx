import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { ErrorView } from './parts/error-view.tsx';
import type { ScreenRoute } from './screen-route.ts';
import { NotFound, Shell } from './shell.tsx';

/** The screens of all areas: each `screens/<area>/routes.ts`. */
const modules = import.meta.glob<{ routes: readonly ScreenRoute[] }>('./screens/*/routes.ts', { eager: true });
const screens = Object.values(modules).flatMap(({ routes }) => routes);

/** Entries of the navigation, in their order. */
const navigation = screens
  .flatMap(({ path, nav }) => (nav ? [{ path, ...nav }] : []))
  .toSorted((a, b) => a.order - b.order);

const root = createRootRoute({ component: () => <Shell navigation={navigation} />, notFoundComponent: NotFound });

const routes = screens.map(({ path, load }) =>
  createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(load, 'Screen') }),
);

/** Which screen an address shows. What follows the `?` are filters: names and texts, nothing else. */
export const router = createRouter({
  routeTree: root.addChildren(routes),
  basepath: '/api/ui',
  defaultErrorComponent: ErrorView,
  scrollRestoration: true,
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const entries = Object.entries(search).filter(([, value]) => typeof value === 'string' && value !== '');
    return entries.length === 0 ? '' : `?${new URLSearchParams(entries as [string, string][])}`;
  },
});
