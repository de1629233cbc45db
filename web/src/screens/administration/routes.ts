import type { NavEntry, ScreenRoute } from '../../screen-route.ts';

/** The entry of a screen that only administrators have. */
const nav = (screen: string, order: number): NavEntry => ({
  text: `administration:${screen}.title`,
  order,
  administratorsOnly: true,
});

export const routes: readonly ScreenRoute[] = [
  { path: '/relationships', load: () => import('./relationships-screen.tsx'), nav: nav('relationships', 60) },
  { path: '/features', load: () => import('./features-screen.tsx'), nav: nav('features', 61) },
  { path: '/users', load: () => import('./users-screen.tsx'), nav: nav('users', 62) },
  { path: '/channels', load: () => import('./channels-screen.tsx'), nav: nav('channels', 63) },
  { path: '/settings', load: () => import('./settings-screen.tsx'), nav: nav('settings', 64) },
  { path: '/dead-letters', load: () => import('./dead-letters-screen.tsx'), nav: nav('deadLetters', 65) },
  { path: '/events', load: () => import('./events-screen.tsx'), nav: nav('events', 66) },
];
