import { describe, expect, it } from 'vitest';
import { type CascadeModeFacts, decideCascadeMode } from '../../../../shared/cascade/jobs/decide-cascade-mode.ts';
import type { TableName } from '../../../../shared/catalogue/tables.ts';
import { defaultSettings } from '../../../../shared/settings/settings.ts';

const settings = defaultSettings({ timersEnabled: true, disabledPlugins: [] });
const facts = (more: Partial<CascadeModeFacts>): CascadeModeFacts => ({
  action: 'assign',
  asked: 'auto',
  total: 1,
  tables: ['account', 'contact'],
  tablesWithPlugins: new Set(),
  settings,
  ...more,
});
const withPlugins = (table: TableName) => new Set([table]);

describe('C5 the mode of an action', () => {
  it.each([
    ['assign', 999, 'sync'],
    ['assign', 1000, 'async'],
    ['delete', 9999, 'sync'],
    ['delete', 10_000, 'async'],
    ['merge', 999, 'sync'],
    ['merge', 1000, 'async'],
    ['share', 1000, 'async'],
    ['unshare', 1000, 'async'],
    ['reparent', 999, 'sync'],
  ] as const)('of %s over %d records is %s', (action, total, mode) => {
    expect(decideCascadeMode(facts({ action, total }))).toBe(mode);
  });

  it('follows the setting of its threshold', () => {
    const thresholds = { ...settings.thresholds, assign: 5 };
    expect(decideCascadeMode(facts({ total: 5, settings: { ...settings, thresholds } }))).toBe('async');
  });

  it('stays synchronous over any number while an affected table has a plug-in for the action', () => {
    expect(decideCascadeMode(facts({ total: 100_000, tablesWithPlugins: withPlugins('contact') }))).toBe('sync');
    expect(decideCascadeMode(facts({ total: 100_000, tablesWithPlugins: withPlugins('order') }))).toBe('async');
  });

  it('is what the request asks for, whatever the numbers and plug-ins say', () => {
    expect(decideCascadeMode(facts({ asked: 'async', tablesWithPlugins: withPlugins('account') }))).toBe('async');
    expect(decideCascadeMode(facts({ asked: 'sync', total: 100_000 }))).toBe('sync');
  });

  it('C4 is never asynchronous while that is switched off', () => {
    const off = { ...settings, asyncCascades: false };
    expect(decideCascadeMode(facts({ total: 100_000, settings: off }))).toBe('sync');
    expect(() => decideCascadeMode(facts({ asked: 'async', settings: off }))).toThrow(/asyncCascades/);
  });
});
