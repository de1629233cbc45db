import type { ScreenRoute } from '../../screen-route.ts';

export const routes: readonly ScreenRoute[] = [
  {
    path: '/customer-sync',
    load: () => import('./customers-screen.tsx'),
    nav: { text: 'customers:title', order: 10, administratorsOnly: true },
  },
];
