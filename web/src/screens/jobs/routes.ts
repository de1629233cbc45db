import type { ScreenRoute } from '../../screen-route.ts';

export const routes: readonly ScreenRoute[] = [
  { path: '/jobs', load: () => import('./job-list.tsx'), nav: { text: 'jobs:title', order: 20 } },
  { path: '/jobs/$jobId', load: () => import('./job.tsx') },
];
