import { describe, expect, it } from 'vitest';
import {
  decideNextLevel,
  decodeCursor,
  encodeCursor,
  type LevelCursor,
  relationshipsToFollow,
} from '../../../shared/cascade/identify/identify-cursor.ts';
import type { AssignPlan } from '../../../shared/cascade/plans.ts';

const behaviors = { account_contacts: 'All', contact_orders: 'All', contact_cases: 'None' } as const;
const plan = (given: AssignPlan['behaviors']): AssignPlan => ({
  ...{ action: 'assign', jobId: 'j', table: 'account', recordId: 'a', ownerId: 'b', formerOwnerId: 'c' },
  ...{ behaviors: given, lanes: 1, by: 'd', createdOn: '2026-03-01T10:00:00.000Z' },
});
const level: LevelCursor = {
  phase: 'walk',
  level: 0,
  legs: [],
  found: { account: 1, contact: 7 },
  below: { contact: 7 },
};

describe('C18 the way of identifying', () => {
  it('goes down from every table in which something was found, over the relationships that cascade', () => {
    expect(decideNextLevel(plan(behaviors), level)).toEqual({
      phase: 'walk',
      level: 1,
      legs: [{ relationship: 'contact_orders', pages: 0 }],
      found: { account: 1, contact: 7 },
      below: {},
    });
  });

  it('ends when nothing was found on the last level, or nothing leads on', () => {
    const chunks = { phase: 'chunk', tables: ['account', 'contact'], from: '', walked: level.found, found: {} };
    expect(decideNextLevel(plan(behaviors), { ...level, below: {} })).toEqual(chunks);
    expect(decideNextLevel(plan({ account_contacts: 'All' }), level)).toEqual(chunks);
  });

  it('leaves out relationships with None, and those that the plan does not name', () => {
    expect(relationshipsToFollow(plan(behaviors), ['account', 'contact', 'order'])).toEqual([
      { relationship: 'account_contacts', pages: 0 },
      { relationship: 'contact_orders', pages: 0 },
    ]);
  });

  it('is carried as text from one call to the next', () => {
    const leg = { relationship: 'account_contacts', pages: 3, place: { bucket: 'h0a', row: 'x|y' } };
    const cursor = { ...level, legs: [leg] };
    expect(decodeCursor(encodeCursor(cursor))).toEqual(cursor);
    expect(() => decodeCursor('{"phase":"other"}')).toThrow();
  });
});
