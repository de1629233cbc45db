import type { TableName } from './tables.ts';

/** What an action on a parent does to its related records; which of them an action allows, behavior-rules.ts says. */
export const BEHAVIORS = ['All', 'Active', 'UserOwned', 'None', 'RemoveLink', 'Restrict'] as const;
export type Behavior = (typeof BEHAVIORS)[number];

/** Actions that can cascade, as relationships name them. */
export const RELATIONSHIP_ACTIONS = [
  'Assign',
  'Delete',
  'Merge',
  'Share',
  'Unshare',
  'Reparent',
  'RollupView',
] as const;
export type RelationshipAction = (typeof RELATIONSHIP_ACTIONS)[number];

/** The behaviour of each action of one relationship. */
export type Behaviors = Readonly<Record<RelationshipAction, Behavior>>;

/** A lookup of the child's table to the parent's, with the behaviour of each action as shipped. */
export interface Relationship {
  readonly name: string;
  readonly parent: TableName;
  readonly child: TableName;
  readonly defaults: Behaviors;
}

/** Behaviours in the order of `RELATIONSHIP_ACTIONS`. */
function behaviors(...values: [Behavior, Behavior, Behavior, Behavior, Behavior, Behavior, Behavior]): Behaviors {
  return Object.fromEntries(RELATIONSHIP_ACTIONS.map((action, at) => [action, values[at]])) as Behaviors;
}

const related = (parent: TableName, child: TableName, children: string, defaults: Behaviors): Relationship => ({
  name: `${parent}_${children}`,
  parent,
  child,
  defaults,
});

const PART_OF_CUSTOMER = behaviors('All', 'All', 'All', 'All', 'All', 'All', 'None');
const ORDERS = behaviors('All', 'RemoveLink', 'All', 'All', 'All', 'All', 'All');

/** All relationships. The order is the one in which cascades walk them. */
export const RELATIONSHIPS: readonly Relationship[] = [
  related('account', 'contact', 'contacts', behaviors('All', 'All', 'All', 'All', 'All', 'All', 'All')),
  related('account', 'address', 'addresses', PART_OF_CUSTOMER),
  related('account', 'contactInfo', 'contactInfos', PART_OF_CUSTOMER),
  related('account', 'affiliation', 'affiliations', PART_OF_CUSTOMER),
  related('account', 'attribute', 'attributes', PART_OF_CUSTOMER),
  related('account', 'order', 'orders', ORDERS),
  related('contact', 'order', 'orders', ORDERS),
  related('order', 'orderline', 'orderlines', behaviors('All', 'All', 'None', 'All', 'All', 'All', 'None')),
  related('account', 'case', 'cases', behaviors('Active', 'RemoveLink', 'All', 'Active', 'Active', 'Active', 'All')),
  related('contact', 'case', 'cases', behaviors('None', 'RemoveLink', 'All', 'None', 'None', 'None', 'All')),
  related(
    'account',
    'activity',
    'activities',
    behaviors('UserOwned', 'All', 'All', 'UserOwned', 'UserOwned', 'UserOwned', 'All'),
  ),
  related('case', 'activity', 'activities', behaviors('All', 'All', 'All', 'All', 'All', 'All', 'All')),
  related('account', 'quote', 'quotes', behaviors('Active', 'Restrict', 'All', 'None', 'None', 'None', 'None')),
];

const BY_NAME = new Map(RELATIONSHIPS.map((relationship) => [relationship.name, relationship]));

/** The relationship of this name; undefined when there is none. */
export function findRelationship(name: string): Relationship | undefined {
  return BY_NAME.get(name);
}

/** The lookups that records of a table can have. */
export function lookupsOf(table: TableName): readonly Relationship[] {
  return RELATIONSHIPS.filter(({ child }) => child === table);
}

/** The relationships that lead down from a table. */
export function relationshipsUnder(table: TableName): readonly Relationship[] {
  return RELATIONSHIPS.filter(({ parent }) => parent === table);
}
