import { describe, expect, it } from 'vitest';
import type { Behavior } from '../../../shared/catalogue/relationships.ts';
import { isReached } from '../../../shared/records/reach.ts';

const FORMER = 'former';

describe('C1 which children of a parent an action reaches', () => {
  const table: [Behavior, string, 'Active' | 'Inactive', boolean][] = [
    ['All', 'anybody', 'Active', true],
    ['All', FORMER, 'Inactive', true],
    ['Active', 'anybody', 'Active', true],
    ['Active', FORMER, 'Inactive', false],
    ['UserOwned', FORMER, 'Active', true],
    ['UserOwned', FORMER, 'Inactive', true],
    ['UserOwned', 'anybody', 'Active', false],
    ['None', FORMER, 'Active', false],
    ['RemoveLink', FORMER, 'Active', false],
    ['Restrict', FORMER, 'Active', false],
  ];

  it.each(table)('%s of a child of %s that is %s: %s', (behavior, ownerId, state, reached) => {
    expect(isReached(behavior, { ownerId, state }, FORMER)).toBe(reached);
  });
});
