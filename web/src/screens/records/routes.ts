import type { ScreenRoute } from '../../screen-route.ts';

export const routes: readonly ScreenRoute[] = [
  { path: '/records', load: () => import('./record-list.tsx'), nav: { text: 'records:title', order: 30 } },
  { path: '/records/$table/$id', load: () => import('./record.tsx') },
];
