import type { ScreenRoute } from '../../screen-route.ts';

export const routes: readonly ScreenRoute[] = [
  { path: '/', load: () => import('./overview.tsx'), nav: { text: 'overview:title', order: 0 } },
];
