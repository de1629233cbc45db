import { createCascadeRecords } from '../../shared/cascade/cascade-records.ts';
import type { CascadeAction } from '../../shared/cascade/jobs/action-needs.ts';
import { openBatchPaces } from '../../shared/cascade/jobs/batch-pace-store.ts';
import { openRootClaims } from '../../shared/cascade/jobs/root-claims.ts';
import { createFinishSync } from '../../shared/cascade/jobs/run-sync-job.ts';
import { createPluginSource } from '../../shared/cascade/plugins/active-plugins.ts';
import { loadPlugins } from '../../shared/cascade/plugins/load-plugins.ts';
import { createPluginRunner } from '../../shared/cascade/plugins/plugin-runner.ts';
import { createSyncCascades } from '../../shared/cascade/sync/sync-cascades.ts';
import type { Config } from '../../shared/config/config.ts';
import type { Foundation } from './foundation.ts';

/** The parts of cascading transactions: plug-ins, both modes, and what starts, ends and reconciles jobs. */
export async function openCascadeParts(
  { storage, settings, readSettings, jobs, records, relationships, access, recordAccess, requests, now }: Foundation,
  config: Config,
) {
  const plugins = await loadPlugins(config.pluginsPath);
  const pluginSource = createPluginSource(plugins, settings);
  const pluginServices = {
    source: pluginSource,
    runner: createPluginRunner({ modulePath: config.pluginsPath }),
    behaviors: relationships,
  };
  const cascadeRecords = createCascadeRecords({
    storage,
    recordStore: records,
    plugins: pluginServices,
    parallelTransactions: config.parallelTransactions,
    requests,
  });
  const sync = createSyncCascades({ storage, recordStore: records, plugins: pluginServices });
  const rootClaims = openRootClaims(storage);
  const finishSync = createFinishSync({ jobs, rootClaims, cascadeRecords, sync, now });
  return {
    plugins,
    pluginSource,
    cascadeRecords,
    rootClaims,
    finishSync,
    batchPaces: openBatchPaces(storage),
    /** What the endpoints that start cascades work with. */
    starting: {
      ...{ relationships, access, recordAccess, settings, jobs, rootClaims, finishSync, cascadeRecords, sync, now },
      recordStore: records,
      tablesWithPlugins: async (action: CascadeAction) => (await pluginSource(action)).tables,
    },
    /** What brings jobs together again after a crash. */
    reconciling: {
      ...{ jobs, rootClaims, cascadeRecords, sync, now, storage },
      areJobsPaused: async () => (await readSettings()).pauseAllJobs,
      transactions: records.tables.locks.transactions,
    },
  };
}
