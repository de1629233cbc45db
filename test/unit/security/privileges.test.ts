import { describe, expect, it } from 'vitest';
import {
  depthOf,
  effectivePrivileges,
  type Grant,
  missingPrivileges,
  privilegeName,
} from '../../../shared/security/privileges.ts';

const principal = (...grants: Grant[]) => ({ userId: 'ann', grants });
const ownAccounts: Grant = { table: 'account', action: 'Write', depth: 'User' };
const allAccounts: Grant = { table: 'account', action: 'Write', depth: 'Organization' };
const everything: Grant = { table: '*', action: 'Write', depth: 'Organization' };

describe('E4 privileges', () => {
  it('reach as deep as the deepest grant of any role', () => {
    expect(depthOf(principal(ownAccounts), 'account', 'Write')).toBe('User');
    expect(depthOf(principal(ownAccounts, allAccounts), 'account', 'Write')).toBe('Organization');
    expect(depthOf(principal(allAccounts, ownAccounts), 'account', 'Write')).toBe('Organization');
  });

  it('hold for the table and the action that they name, and no other', () => {
    expect(depthOf(principal(allAccounts), 'account', 'Read')).toBeUndefined();
    expect(depthOf(principal(allAccounts), 'contact', 'Write')).toBeUndefined();
    expect(depthOf(principal(everything), 'contact', 'Write')).toBe('Organization');
  });

  it('are listed once each, without what a wider one covers', () => {
    expect(effectivePrivileges(principal(ownAccounts, ownAccounts, allAccounts))).toEqual([allAccounts]);
    expect(effectivePrivileges(principal(everything, allAccounts))).toEqual([everything]);
    const ownOfAll: Grant = { ...everything, depth: 'User' };
    expect(effectivePrivileges(principal(ownOfAll, allAccounts))).toEqual([ownOfAll, allAccounts]);
  });

  it('C12 that are missing are named once each, in the order of the needs', () => {
    const needs = [
      { table: 'contact', action: 'Assign' },
      { table: 'account', action: 'Write', own: false },
      { table: 'contact', action: 'Assign', own: true },
      { table: 'account', action: 'Write', own: true },
    ] as const;
    expect(missingPrivileges(principal(ownAccounts), needs)).toEqual([
      { privilege: 'Assign', table: 'contact' },
      { privilege: 'Write', table: 'account' },
    ]);
    expect(missingPrivileges(principal(ownAccounts), [{ table: 'account', action: 'Write' }])).toEqual([]);
  });

  it('go by the names that HQ knows them by', () => {
    expect(privilegeName('Assign', 'account')).toBe('prvAssignAccount');
    expect(privilegeName('AppendTo', 'contactInfo')).toBe('prvAppendToContactInfo');
  });
});
