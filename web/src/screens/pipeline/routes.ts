import type { ScreenRoute } from '../../screen-route.ts';

export const routes: readonly ScreenRoute[] = [
  {
    path: '/pipeline',
    load: () => import('./pipeline-screen.tsx'),
    nav: { text: 'pipeline:title', order: 20, administratorsOnly: true },
  },
];
