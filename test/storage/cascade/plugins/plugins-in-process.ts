import { activePlugins } from '../../../../shared/cascade/plugins/active-plugins.ts';
import type { PluginServices } from '../../../../shared/cascade/plugins/change-with-plugins.ts';
import type { Plugin } from '../../../../shared/cascade/plugins/plugin.ts';
import { PluginFailure } from '../../../../shared/cascade/plugins/plugin-runner.ts';
import { Problem } from '../../../../shared/problem.ts';
import { openRelationships } from '../../../../shared/records/relationships/relationship-store.ts';
import type { Storage } from '../../../../shared/storage/storage.ts';

/** Plug-ins that are on, and run in this process instead of a thread of their own. */
export function pluginsInProcess(storage: Storage, plugins: readonly Plugin[]): PluginServices {
  return {
    source: async (action) =>
      activePlugins(
        plugins.filter((plugin) => plugin.action === action),
        10,
      ),
    behaviors: openRelationships(storage),
    runner: {
      open: () => ({
        release: () => {},
        async run({ name }, call, work) {
          try {
            await plugins.find((plugin) => plugin.name === name)?.run({ ...call, work });
          } catch (error) {
            const isOwn = !(error instanceof PluginFailure) && (!(error instanceof Problem) || error.slug !== 'locked');
            const isFault = error instanceof Error && error.message.includes('the process is dead');
            if (!isOwn || isFault) throw error;
            throw new PluginFailure('plugin-failed', name, `Plug-in ${name} threw ${String(error)}`);
          }
        },
      }),
    },
  };
}
