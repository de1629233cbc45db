import type { ComponentType } from 'react';

/** A screen, declared in its area's `routes.ts`. */
export interface ScreenRoute {
  /** Below /api/ui: `/jobs/$jobId`. */
  readonly path: string;
  /** Loads the screen when it is first opened. */
  readonly load: () => Promise<{ readonly Screen: ComponentType }>;
  /** Its entry in the navigation, if it has one. */
  readonly nav?: NavEntry;
}

export interface NavEntry {
  /** Name and area of the text: `jobs:title`. */
  readonly text: string;
  readonly order: number;
  readonly administratorsOnly?: boolean;
}
