import { findRelationship } from '../catalogue/relationships.ts';
import type { RecordValue } from './record.ts';

/** Whether records lie under a customer's account by this relationship, and so are a part of what channels download. */
export function isUnderCustomer(relationship: string): boolean {
  return findRelationship(relationship)?.parent === 'account';
}

/** The customers whose data a record is part of: the account itself, or the account that it is under. */
export function customersOf({ table, id, lookups }: Pick<RecordValue, 'table' | 'id' | 'lookups'>): string[] {
  if (table === 'account') return [id];
  return Object.entries(lookups).flatMap(([relationship, id]) => (isUnderCustomer(relationship) ? [id] : []));
}
