/** Which behaviours a relationship may have, and what well-known sets of them are called: the pure part. */
import {
  type Behavior,
  type Behaviors,
  RELATIONSHIP_ACTIONS,
  type RelationshipAction,
} from '../../catalogue/relationships.ts';
import { Problem } from '../../problem.ts';

const CASCADING: readonly Behavior[] = ['All', 'Active', 'UserOwned', 'None'];

/** The behaviours that each action allows. */
export const LEGAL_BEHAVIORS: Readonly<Record<RelationshipAction, readonly Behavior[]>> = {
  Assign: CASCADING,
  Delete: ['All', 'RemoveLink', 'Restrict'],
  Merge: ['All', 'None'],
  Share: CASCADING,
  Unshare: CASCADING,
  Reparent: CASCADING,
  RollupView: CASCADING,
};

/** Names of sets of behaviours; any set that is none of the presets is Custom. */
export const RELATIONSHIP_TYPES = ['Parental', 'Referential', 'Referential, Restrict Delete', 'Custom'] as const;
export type RelationshipType = (typeof RELATIONSHIP_TYPES)[number];
type Preset = Exclude<RelationshipType, 'Custom'>;

const all = (others: Behavior, onDelete: Behavior): Omit<Behaviors, 'RollupView'> => ({
  Assign: others,
  Delete: onDelete,
  Merge: 'None',
  Share: others,
  Unshare: others,
  Reparent: others,
});

/** What each preset stands for. RollupView is free in all of them: All or None. */
const PRESETS: Readonly<Record<Preset, Omit<Behaviors, 'RollupView'>>> = {
  Parental: all('All', 'All'),
  Referential: all('None', 'RemoveLink'),
  'Referential, Restrict Delete': all('None', 'Restrict'),
};

/** The preset that behaviours are equal to, otherwise Custom. */
export function typeOf(behaviors: Behaviors): RelationshipType {
  if (!isPresetRollup(behaviors.RollupView)) return 'Custom';
  return (
    RELATIONSHIP_TYPES.find((type) => type !== 'Custom' && isEqual({ ...behaviors, ...PRESETS[type] }, behaviors)) ??
    'Custom'
  );
}

/** Each behaviour that its action doesn't allow, with the rule that it breaks. */
export function brokenRules(behaviors: Partial<Behaviors>): { readonly at: string; readonly problem: string }[] {
  return RELATIONSHIP_ACTIONS.flatMap((action) => {
    const behavior = behaviors[action];
    if (behavior === undefined || LEGAL_BEHAVIORS[action].includes(behavior)) return [];
    return [
      { at: `behaviors.${action}`, problem: `${action} takes ${listed(LEGAL_BEHAVIORS[action])}, not ${behavior}` },
    ];
  });
}

/** What a caller asks a relationship to become. `type` is what it was called when it was read; changed, it asks as `preset` does. */
export interface WantedBehaviors {
  /** Actions that are left out stay as they are. */
  readonly behaviors?: Readonly<Partial<Record<RelationshipAction, Behavior | undefined>>> | undefined;
  readonly preset?: RelationshipType | undefined;
  readonly type?: RelationshipType | undefined;
}

/** The behaviours that a relationship is to have. Throws Problem rule-broken that names the rule. */
export function decideBehaviors(current: Behaviors, { behaviors, preset, type }: WantedBehaviors): Behaviors {
  const named = Object.fromEntries(
    Object.entries(behaviors ?? {}).filter(([, value]) => value !== undefined),
  ) as Partial<Behaviors>;
  const errors = brokenRules(named);
  if (errors.length > 0) {
    const issues = errors.map(({ at, problem }) => ({ at, message: problem }));
    throw new Problem('rules-broken', { issues }, { extra: { errors } });
  }
  const given = { ...current, ...named };
  const asked = preset ?? (type === typeOf(current) ? undefined : type);
  if (asked === undefined || asked === 'Custom') return custom(given, named, asked);
  const rollup = isPresetRollup(given.RollupView) ? given.RollupView : 'None';
  const wanted: Behaviors = { ...PRESETS[asked], RollupView: rollup };
  const contradicted = RELATIONSHIP_ACTIONS.filter(
    (action) => given[action] !== current[action] && given[action] !== wanted[action],
  );
  if (contradicted.length === 0) return wanted;
  throw new Problem('behaviors-contradict-preset', { preset: asked, actions: contradicted });
}

function custom(given: Behaviors, named: Partial<Behaviors>, asked: 'Custom' | undefined): Behaviors {
  if (Object.keys(named).length > 0) return given;
  throw new Problem(asked === 'Custom' ? 'custom-names-nothing' : 'behaviors-not-named', {
    actions: RELATIONSHIP_ACTIONS,
    presets: Object.keys(PRESETS),
  });
}

/** Whether two sets of behaviours are the same. */
export function isEqual(a: Behaviors, b: Behaviors): boolean {
  return RELATIONSHIP_ACTIONS.every((action) => a[action] === b[action]);
}

function isPresetRollup(behavior: Behavior): boolean {
  return behavior === 'All' || behavior === 'None';
}

function listed(words: readonly string[]): string {
  const quoted = words.map((word) => (word.includes(' ') ? `"${word}"` : word));
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}
