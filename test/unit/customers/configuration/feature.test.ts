import { describe, expect, it } from 'vitest';
import {
  FEATURE_KEYS,
  type FeatureKey,
  type FeatureSet,
  NO_FEATURES,
  switchFeature,
  toFeatureBody,
} from '../../../../shared/customers/configuration/feature.ts';
import { Problem } from '../../../../shared/problem.ts';

const ON = '2026-03-01T10:00:00.000Z';
const PREREQUISITES = ['performanceImprovements', 'enhancedAsyncCreation', 'asyncAddressCreation'] as const;

function switchAll(set: FeatureSet, keys: readonly FeatureKey[], enabled = true): FeatureSet {
  return keys.reduce((so, key) => switchFeature(so, key, { enabled, by: 'ann', on: ON }), set);
}

function refusalOf(work: () => unknown): Problem {
  try {
    work();
  } catch (error) {
    if (error instanceof Problem) return error;
  }
  throw new Error('It was not refused');
}

describe('A1 the four features', () => {
  it('are all off at first', () => {
    expect(FEATURE_KEYS.map((key) => NO_FEATURES.features[key].enabled)).toEqual([false, false, false, false]);
  });

  it.each([
    [[]],
    [['performanceImprovements']],
    [['enhancedAsyncCreation', 'asyncAddressCreation']],
    [['performanceImprovements', 'asyncAddressCreation']],
  ] as readonly [readonly FeatureKey[]][])('refuse editing with only %j on, and list what is missing', (on) => {
    const refused = refusalOf(() => switchAll(switchAll(NO_FEATURES, on), ['editCustomersAsync']));
    expect(refused.status).toBe(409);
    const missing = refused.extra.missingPrerequisites as { key: FeatureKey; displayName: string }[];
    expect(missing.map(({ key }) => key)).toEqual(PREREQUISITES.filter((key) => !on.includes(key)));
    for (const { displayName } of missing) expect(refused.message).toContain(displayName);
  });

  it.each(PREREQUISITES)('keep %s on while editing is on', (key) => {
    const all = switchAll(NO_FEATURES, FEATURE_KEYS);
    const refused = refusalOf(() => switchAll(all, [key], false));
    expect(refused).toMatchObject({ status: 409, extra: { neededBy: [{ key: 'editCustomersAsync' }] } });
    expect(switchAll(all, ['editCustomersAsync', key], false).features[key].enabled).toBe(false);
  });

  it('keep who switched them when, and their version when nothing changes', () => {
    const once = switchAll(NO_FEATURES, ['performanceImprovements']);
    const twice = switchFeature(once, 'performanceImprovements', { enabled: true, by: 'ben', on: ON });
    expect(twice).toBe(once);
    expect(toFeatureBody(once, 'performanceImprovements')).toMatchObject({
      ...{ enabled: true, version: 2, modifiedBy: 'ann', modifiedOn: ON },
      history: [{ enabled: true, by: 'ann', on: ON }],
    });
  });

  it('are each of the revision in which they changed last', () => {
    const set = switchAll(NO_FEATURES, FEATURE_KEYS);
    expect(FEATURE_KEYS.map((key) => set.features[key].changedIn)).toEqual([1, 2, 3, 4]);
    expect(set.revision).toBe(4);
  });
});
