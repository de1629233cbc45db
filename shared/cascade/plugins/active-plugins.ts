import type { TableName } from '../../catalogue/tables.ts';
import type { RecordValue } from '../../records/record.ts';
import type { SettingsStore } from '../../settings/settings.ts';
import type { CascadeAction } from '../jobs/action-needs.ts';
import { isFor, type Plugin, type PluginStep } from './plugin.ts';

/** The plug-ins that run now for one action. */
export interface ActivePlugins {
  /** The tables that have one. */
  readonly tables: ReadonlySet<TableName>;
  /** Those for a record, in the order of their declaration. */
  of(record: RecordValue, step: PluginStep): readonly Plugin[];
  /** How long each of them may take. */
  readonly deadlineSeconds: number;
}

/** Gives the plug-ins that run now, by action: from the declarations, less what the setting `disabledPlugins` names. */
export type PluginSource = (action: CascadeAction) => Promise<ActivePlugins>;

/** What runs where no plug-ins are. */
export const NO_PLUGINS: ActivePlugins = { tables: new Set(), of: () => [], deadlineSeconds: 0 };

/** Creates what tells which plug-ins are on. */
export function createPluginSource(
  declared: readonly Plugin[],
  settings: Pick<SettingsStore, 'readSettings'>,
): PluginSource {
  return async (action) => {
    const candidates = declared.filter((plugin) => plugin.action === action);
    if (candidates.length === 0) return NO_PLUGINS;
    const { disabledPlugins, pluginDeadlineSeconds } = (await settings.readSettings()).settings;
    const active = candidates.filter(({ name }) => !disabledPlugins.includes(name));
    return activePlugins(active, pluginDeadlineSeconds);
  };
}

/** The given plug-ins, which are all for one action. */
export function activePlugins(plugins: readonly Plugin[], deadlineSeconds: number): ActivePlugins {
  return {
    deadlineSeconds,
    tables: new Set(plugins.map(({ table }) => table)),
    of: (record, step) =>
      plugins.filter((plugin) => plugin.table === record.table && plugin.step === step && isFor(plugin, record)),
  };
}
