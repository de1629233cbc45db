/** The switches of asynchronous customer mode, and the rule between them. Pure. */
import { z } from 'zod';
import { Problem } from '../../problem.ts';

/** The features by key, under the names that administrators know them by. */
export const FEATURES = {
  performanceImprovements: 'Performance improvements for customer orders and customer transactions',
  enhancedAsyncCreation: 'Enable enhanced async customer creation',
  asyncAddressCreation: 'Enable asynchronous creation for customer addresses',
  editCustomersAsync: 'Enable editing customers in asynchronous mode',
} as const;
/** The features of asynchronous customer mode. */
export type FeatureKey = keyof typeof FEATURES;
/** All features. */
export const featureKeySchema = z.enum(Object.keys(FEATURES) as [FeatureKey, ...FeatureKey[]]);
/** The keys of all features. */
export const FEATURE_KEYS: readonly FeatureKey[] = featureKeySchema.options;

/** What a feature can't be on without. */
const PREREQUISITES: Readonly<Record<FeatureKey, readonly FeatureKey[]>> = {
  performanceImprovements: [],
  enhancedAsyncCreation: [],
  asyncAddressCreation: [],
  editCustomersAsync: ['performanceImprovements', 'enhancedAsyncCreation', 'asyncAddressCreation'],
};

const changeSchema = z.object({ enabled: z.boolean(), by: z.string(), on: z.string() });
/** Who switched a feature, when (ISO 8601 UTC). */
export type FeatureChange = Readonly<z.infer<typeof changeSchema>>;

/** One feature as headquarters has it. */
export const featureStateSchema = z.object({
  enabled: z.boolean(),
  /** Rises by one with each change; 1 as long as nobody has touched it. */
  version: z.number(),
  /** The revision of all features in which this one changed last; 0: never. */
  changedIn: z.number(),
  /** The last changes, newest first. */
  history: z.array(changeSchema),
});
export type FeatureState = Readonly<z.infer<typeof featureStateSchema>>;

/** All features, at a revision. */
export interface FeatureSet {
  /** Rises by one with each change of any feature. */
  readonly revision: number;
  readonly features: Readonly<Record<FeatureKey, FeatureState>>;
}

const MAX_HISTORY = 50;
const UNTOUCHED: FeatureState = { enabled: false, version: 1, changedIn: 0, history: [] };

/** How it is before anybody has switched anything: all off. */
export const NO_FEATURES: FeatureSet = {
  revision: 0,
  features: {
    performanceImprovements: UNTOUCHED,
    enhancedAsyncCreation: UNTOUCHED,
    asyncAddressCreation: UNTOUCHED,
    editCustomersAsync: UNTOUCHED,
  },
};

/** Whether there is such a feature. */
export function isFeatureKey(key: string): key is FeatureKey {
  return Object.hasOwn(FEATURES, key);
}

/**
 * The features after one was switched; the same set when it is as wanted already. Throws Problem conflict that lists the
 * prerequisites that are off, or the features that need this one.
 */
export function switchFeature(set: FeatureSet, key: FeatureKey, { enabled, by, on }: FeatureChange): FeatureSet {
  const state = set.features[key];
  if (state.enabled === enabled) return set;
  if (enabled) refuseWithoutPrerequisites(set, key);
  else refuseWhileNeeded(set, key);
  const revision = set.revision + 1;
  const history = [{ enabled, by, on }, ...state.history].slice(0, MAX_HISTORY);
  const changed = { enabled, version: state.version + 1, changedIn: revision, history };
  return { revision, features: { ...set.features, [key]: changed } };
}

function refuseWithoutPrerequisites(set: FeatureSet, key: FeatureKey): void {
  const off = PREREQUISITES[key].filter((each) => !set.features[each].enabled);
  if (off.length === 0) return;
  throw new Problem('conflict', `"${FEATURES[key]}" needs what is off: ${named(off)}. Switch that on first.`, {
    extra: { missingPrerequisites: described(off) },
  });
}

function refuseWhileNeeded(set: FeatureSet, key: FeatureKey): void {
  const needing = FEATURE_KEYS.filter((each) => set.features[each].enabled && PREREQUISITES[each].includes(key));
  if (needing.length === 0) return;
  throw new Problem('conflict', `"${FEATURES[key]}" is needed by ${named(needing)}. Switch that off first.`, {
    extra: { neededBy: described(needing) },
  });
}

function named(keys: readonly FeatureKey[]): string {
  return keys.map((key) => `"${FEATURES[key]}"`).join(', ');
}

function described(keys: readonly FeatureKey[]): { key: FeatureKey; displayName: string }[] {
  return keys.map((key) => ({ key, displayName: FEATURES[key] }));
}

/** Schema of a feature's JSON. */
export const featureBodySchema = z.strictObject({
  key: z.enum(FEATURE_KEYS),
  displayName: z.string(),
  enabled: z.boolean(),
  prerequisites: z.array(z.enum(FEATURE_KEYS)),
  version: z.number().int(),
  modifiedBy: z.string().nullable().describe('Null while nobody has switched it, as is modifiedOn.'),
  modifiedOn: z.iso.datetime().nullable(),
  history: z.array(z.strictObject({ enabled: z.boolean(), by: z.string(), on: z.iso.datetime() })),
});

/** A feature as callers see it. */
export function toFeatureBody({ features }: FeatureSet, key: FeatureKey): Record<string, unknown> {
  const { enabled, version, history } = features[key];
  const [last] = history;
  return {
    key,
    displayName: FEATURES[key],
    enabled,
    prerequisites: PREREQUISITES[key],
    version,
    modifiedBy: last?.by ?? null,
    modifiedOn: last?.on ?? null,
    history,
  };
}
