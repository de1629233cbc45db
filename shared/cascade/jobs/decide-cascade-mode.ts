import type { TableName } from '../../catalogue/tables.ts';
import { Problem } from '../../problem.ts';
import type { Settings } from '../../settings/settings.ts';
import type { CascadeAction } from './action-needs.ts';

/** What a mode is decided by. */
export interface CascadeModeFacts {
  readonly action: CascadeAction;
  /** What the request asks for. */
  readonly asked: 'auto' | 'sync' | 'async';
  /** Records that the action affects, the root included; at least so many where counting was broken off. */
  readonly total: number;
  /** Tables of these records. */
  readonly tables: readonly TableName[];
  /** Tables that have a plug-in for the action. */
  readonly tablesWithPlugins: ReadonlySet<TableName>;
  readonly settings: Pick<Settings, 'asyncCascades' | 'thresholds'>;
}

/**
 * The mode in which an action runs (C5): as asked; otherwise asynchronously from its threshold on, unless a table that it
 * affects has a plug-in for it. Pure. Throws Problem rule-broken for `async` while asynchronous cascades are switched off.
 */
export function decideCascadeMode({
  action,
  asked,
  total,
  tables,
  tablesWithPlugins,
  settings,
}: CascadeModeFacts): 'sync' | 'async' {
  if (asked === 'async' && !settings.asyncCascades) {
    throw new Problem(
      'rule-broken',
      'mode: asynchronous cascades are switched off by the setting asyncCascades. Leave mode out, or send sync.',
    );
  }
  if (asked !== 'auto') return asked;
  if (!settings.asyncCascades || total < settings.thresholds[action]) return 'sync';
  return tables.some((table) => tablesWithPlugins.has(table)) ? 'sync' : 'async';
}
