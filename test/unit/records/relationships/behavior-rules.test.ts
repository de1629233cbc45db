import { describe, expect, it } from 'vitest';
import {
  BEHAVIORS,
  type Behavior,
  type Behaviors,
  findRelationship,
  RELATIONSHIP_ACTIONS,
  RELATIONSHIPS,
  type RelationshipAction,
} from '../../../../shared/catalogue/relationships.ts';
import {
  brokenRules,
  decideBehaviors,
  RELATIONSHIP_TYPES,
  type RelationshipType,
  typeOf,
} from '../../../../shared/records/relationships/behavior-rules.ts';

/** Behaviours in the order Assign, Delete, Merge, Share, Unshare, Reparent, RollupView. */
function behaviors(...values: [Behavior, Behavior, Behavior, Behavior, Behavior, Behavior, Behavior]): Behaviors {
  return Object.fromEntries(RELATIONSHIP_ACTIONS.map((action, at) => [action, values[at]])) as Behaviors;
}

const PARENTAL = behaviors('All', 'All', 'None', 'All', 'All', 'All', 'None');
const REFERENTIAL = behaviors('None', 'RemoveLink', 'None', 'None', 'None', 'None', 'All');
const RESTRICT = behaviors('None', 'Restrict', 'None', 'None', 'None', 'None', 'None');
const CASCADING = ['All', 'Active', 'UserOwned', 'None'];

const shipped = (name: string): Behaviors => {
  const found = findRelationship(name);
  if (!found) throw new Error(`There is no ${name}`);
  return found.defaults;
};

describe('C1 which behaviours an action allows', () => {
  const legal: Readonly<Record<RelationshipAction, readonly string[]>> = {
    Assign: CASCADING,
    Reparent: CASCADING,
    Share: CASCADING,
    Unshare: CASCADING,
    RollupView: CASCADING,
    Delete: ['All', 'RemoveLink', 'Restrict'],
    Merge: ['All', 'None'],
  };
  const cells = RELATIONSHIP_ACTIONS.flatMap((action) => BEHAVIORS.map((behavior) => [action, behavior] as const));

  it.each(cells)('%s takes or refuses %s as the table says', (action, behavior) => {
    const broken = brokenRules({ [action]: behavior });
    expect(broken.length === 0).toBe(legal[action].includes(behavior));
    if (broken.length > 0) {
      expect(broken[0]?.at).toBe(`behaviors.${action}`);
      for (const word of legal[action]) expect(broken[0]?.problem).toContain(word);
    }
  });

  it('is kept by everything that is shipped', () => {
    for (const { name, defaults } of RELATIONSHIPS) expect(brokenRules(defaults), name).toEqual([]);
  });
});

describe('C1 names of sets of behaviours', () => {
  it.each([
    ['Parental', PARENTAL],
    ['Parental', { ...PARENTAL, RollupView: 'All' }],
    ['Referential', REFERENTIAL],
    ['Referential, Restrict Delete', RESTRICT],
    ['Custom', { ...PARENTAL, RollupView: 'Active' }],
    ['Custom', { ...PARENTAL, Merge: 'All' }],
    ['Custom', { ...REFERENTIAL, Assign: 'UserOwned' }],
    ['Custom', { ...RESTRICT, Delete: 'All' }],
  ] as const)('calls this set %s: %o', (type, set) => {
    expect(typeOf(set)).toBe(type);
  });

  it.each(RELATIONSHIP_TYPES.filter((type) => type !== 'Custom'))(
    'gives the set that is called %s when asked so',
    (preset) => {
      for (const { defaults } of RELATIONSHIPS) expect(typeOf(decideBehaviors(defaults, { preset }))).toBe(preset);
    },
  );

  it('leaves RollupView as it is where the preset allows that', () => {
    expect(decideBehaviors(shipped('account_contacts'), { preset: 'Parental' }).RollupView).toBe('All');
    const partly: Behaviors = { ...shipped('account_contacts'), RollupView: 'Active' };
    expect(decideBehaviors(partly, { preset: 'Referential' }).RollupView).toBe('None');
  });
});

describe('C1 what a relationship becomes', () => {
  const current = shipped('account_contacts');

  it('keeps the actions that the request leaves out', () => {
    expect(decideBehaviors(current, { behaviors: { Assign: 'None' } })).toEqual({ ...current, Assign: 'None' });
  });

  it('refuses an illegal combination and names each rule that it breaks', () => {
    expect(() => decideBehaviors(current, { behaviors: { Assign: 'Restrict', Delete: 'UserOwned' } })).toThrow(
      /Assign takes All, Active, UserOwned or None, not Restrict; behaviors.Delete: Delete takes All, RemoveLink or Restrict, not UserOwned/,
    );
  });

  it('takes what was read and changed in its behaviours, whatever type stands beside them', () => {
    const wanted = decideBehaviors(current, { type: typeOf(current), behaviors: PARENTAL });
    expect(wanted).toEqual(PARENTAL);
  });

  it('takes what was read and changed in its type alone', () => {
    expect(typeOf(decideBehaviors(current, { type: 'Referential', behaviors: current }))).toBe('Referential');
  });

  it('changes nothing for what was read and not changed', () => {
    expect(decideBehaviors(current, { type: 'Custom', behaviors: current })).toEqual(current);
    expect(decideBehaviors(PARENTAL, { type: 'Parental', behaviors: PARENTAL })).toEqual(PARENTAL);
  });

  it('refuses a preset beside behaviours that say something else', () => {
    expect(() => decideBehaviors(current, { preset: 'Parental', behaviors: { Assign: 'UserOwned' } })).toThrow(
      /Parental has other behaviours for Assign/,
    );
    expect(decideBehaviors(current, { preset: 'Parental', behaviors: PARENTAL })).toEqual(PARENTAL);
  });

  it.each([{}, { preset: 'Custom' }, { type: 'Custom' }, { behaviors: {} }] as const)(
    'refuses %o, which names no behaviours',
    (request) => {
      const from: Behaviors = PARENTAL;
      expect(() => decideBehaviors(from, request)).toThrow(/send behaviors/);
    },
  );

  it('takes Custom for behaviours that turn out to be a preset', () => {
    const type: RelationshipType = typeOf(decideBehaviors(current, { preset: 'Custom', behaviors: RESTRICT }));
    expect(type).toBe('Referential, Restrict Delete');
  });
});
