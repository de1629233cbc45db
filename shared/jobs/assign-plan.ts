import type { CascadePlan } from '../cascade/ports.ts';
import { type Behavior, RELATIONSHIPS } from '../catalogue/relationships.ts';

/** The plan of an Assign, with the behaviours that hold now; relationships that it doesn't follow are left out. */
export function assignPlan(given: Omit<CascadePlan, 'action' | 'behaviors'>): CascadePlan {
  const behaviors: Record<string, Behavior> = {};
  for (const { name, defaults } of RELATIONSHIPS) {
    if (defaults.Assign !== 'None') behaviors[name] = defaults.Assign;
  }
  return { ...given, action: 'assign', behaviors };
}
