import { pathToFileURL } from 'node:url';
import { isTableName } from '../../catalogue/tables.ts';
import { ACTION_NEEDS } from '../jobs/action-needs.ts';
import type { Plugin } from './plugin.ts';
import { PLUGINS } from './plugins.ts';

/**
 * All declared plug-ins: ours, then those of the module that SPILLWAY_PLUGINS names (a path), which exports an array
 * `plugins`. Throws when the module can't be loaded or declares something that is no plug-in.
 */
export async function loadPlugins(modulePath: string | undefined): Promise<readonly Plugin[]> {
  if (modulePath === undefined) return PLUGINS;
  const { plugins } = (await import(pathToFileURL(modulePath).href)) as { plugins?: unknown };
  if (!Array.isArray(plugins))
    throw new TypeError('The module that SPILLWAY_PLUGINS names exports no `plugins: Plugin[]`');
  const all = [...PLUGINS, ...(plugins as Plugin[])];
  for (const [at, plugin] of all.entries()) {
    const problem = problemOf(plugin, all.slice(0, at));
    if (problem)
      throw new TypeError(`Plug-in ${String(plugin?.name)} of the module that SPILLWAY_PLUGINS names ${problem}`);
  }
  return all;
}

function problemOf(plugin: Partial<Plugin> | undefined, others: readonly Plugin[]): string | undefined {
  const { name = '', table = '', action = '', step = '', run } = plugin ?? {};
  if (!/^[A-Za-z0-9.-]{1,64}$/.test(name)) return 'has no name of letters, digits, dots and hyphens';
  if (others.some((other) => other.name === name)) return 'has the name of another one';
  if (!isTableName(table)) return `names the table ${table}, which there isn't`;
  if (!Object.hasOwn(ACTION_NEEDS, action)) return `names the action ${action}, which there isn't`;
  if (step !== 'before' && step !== 'after') return 'runs neither before nor after';
  return typeof run === 'function' ? undefined : 'has no function `run`';
}
