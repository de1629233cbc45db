import { describe, expect, it } from 'vitest';
import { MAX_TEXT_LENGTH } from '../../../shared/catalogue/columns.ts';
import {
  findRelationship,
  lookupsOf,
  RELATIONSHIPS,
  relationshipsUnder,
} from '../../../shared/catalogue/relationships.ts';
import { columnsOf, TABLE_NAMES } from '../../../shared/catalogue/tables.ts';
import { createSchema, patchSchema } from '../../../shared/records/record-schema.ts';
import { LIMITS } from '../../../shared/storage/size-limits.ts';

describe('C1 tables and relationships are declared in one place', () => {
  it('names each relationship once, between tables that exist', () => {
    expect(new Set(RELATIONSHIPS.map(({ name }) => name)).size).toBe(RELATIONSHIPS.length);
    for (const { name, parent, child } of RELATIONSHIPS) {
      expect(TABLE_NAMES).toEqual(expect.arrayContaining([parent, child]));
      expect(lookupsOf(child).map((each) => each.name)).toContain(name);
      expect(relationshipsUnder(parent).map((each) => each.name)).toContain(name);
    }
  });

  it.each([
    ['account_orders', 'Delete', 'RemoveLink'],
    ['order_orderlines', 'Merge', 'None'],
    ['account_cases', 'Assign', 'Active'],
    ['account_activities', 'Unshare', 'UserOwned'],
    ['account_quotes', 'Delete', 'Restrict'],
    ['contact_cases', 'Reparent', 'None'],
    ['account_addresses', 'RollupView', 'None'],
  ] as const)('ships %s with %s: %s', (name, action, behavior) => {
    expect(findRelationship(name)?.defaults[action]).toBe(behavior);
  });
});

describe('E3 the schemas of a table follow its declaration', () => {
  it('keeps every text within one property of a row', () => {
    expect(MAX_TEXT_LENGTH * 2).toBeLessThanOrEqual(LIMITS.propertyBytes);
  });

  it.each(TABLE_NAMES)('asks for the required columns of %s, and for nothing else', (table) => {
    const required = Object.entries(columnsOf(table)).filter(([, column]) => column.required);
    const missing = createSchema(table).safeParse({});
    expect(missing.success).toBe(false);
    expect(missing.error?.issues.map(({ path }) => path[0]).sort()).toEqual(required.map(([name]) => name).sort());
  });

  it.each([
    [{ name: 'A', nme: 'typo' }, 'an unknown column'],
    [{ name: '   ' }, 'a blank name'],
    [{ name: 'A', email: 'nobody' }, 'an address that is none'],
    [{ name: 'A', currency: 'XXQ' }, 'a currency that is none'],
    [{ name: 'A', language: `english${'-'.repeat(3)}` }, 'a language that is none'],
    [{ name: 'A', masterId: 'x' }, 'a column that only the system sets'],
    [{ name: 'A', lookups: { account_contacts: 'x' } }, 'a lookup of another table'],
    [{ name: 'A\u0000' }, 'control characters'],
    [{ name: 'A', state: 'Deleted' }, 'a state that only deleting gives'],
  ])('refuses %o: %s', (body: Record<string, unknown>, _why: string) => {
    expect(createSchema('account').safeParse(body).success).toBe(false);
  });

  it('lets a patch clear what is optional and nothing that is required', () => {
    expect(patchSchema('account').safeParse({ email: null, phone: null }).success).toBe(true);
    expect(patchSchema('account').safeParse({ name: null }).success).toBe(false);
    expect(patchSchema('account').safeParse({}).success).toBe(true);
  });
});

describe('A17 ids that every device without one would share', () => {
  it.each([
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
  ])('are refused of a record: %s', (id) => {
    for (const table of TABLE_NAMES) {
      const issues = createSchema(table).safeParse({ id }).error?.issues ?? [];
      expect(issues.find(({ path }) => path[0] === 'id')?.message).toMatch(/empty GUID/);
    }
  });
});
