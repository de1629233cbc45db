import { describe, expect, it } from 'vitest';
import { decideMode, type ModeFacts } from '../../../../shared/cascade/jobs/decide-mode.ts';
import type { TableName } from '../../../../shared/catalogue/tables.ts';
import { defaultSettings } from '../../../../shared/settings/settings.ts';

const settings = defaultSettings({ timersEnabled: true, disabledPlugins: [] });
const facts = (more: Partial<ModeFacts>): ModeFacts => ({
  action: 'assign',
  asked: 'auto',
  total: 1,
  tables: ['account', 'contact'],
  pluggedTables: new Set(),
  settings,
  ...more,
});
const plugged = (table: TableName) => new Set([table]);

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
    expect(decideMode(facts({ action, total }))).toBe(mode);
  });

  it('follows the setting of its threshold', () => {
    const thresholds = { ...settings.thresholds, assign: 5 };
    expect(decideMode(facts({ total: 5, settings: { ...settings, thresholds } }))).toBe('async');
  });

  it('stays synchronous over any number while an affected table has a plug-in for the action', () => {
    expect(decideMode(facts({ total: 100_000, pluggedTables: plugged('contact') }))).toBe('sync');
    expect(decideMode(facts({ total: 100_000, pluggedTables: plugged('order') }))).toBe('async');
  });

  it('is what the request asks for, whatever the numbers and plug-ins say', () => {
    expect(decideMode(facts({ asked: 'async', pluggedTables: plugged('account') }))).toBe('async');
    expect(decideMode(facts({ asked: 'sync', total: 100_000 }))).toBe('sync');
  });

  it('C4 is never asynchronous while that is switched off', () => {
    const off = { ...settings, asyncCascades: false };
    expect(decideMode(facts({ total: 100_000, settings: off }))).toBe('sync');
    expect(() => decideMode(facts({ asked: 'async', settings: off }))).toThrow(/asyncCascades/);
  });
});
