import { createCascadeRecords } from '../../shared/cascade/cascade-records.ts';
import type { CascadeAction } from '../../shared/cascade/jobs/action-needs.ts';
import { openJobPaces } from '../../shared/cascade/jobs/job-paces.ts';
import { openRootClaims } from '../../shared/cascade/jobs/root-claims.ts';
import { createSettle } from '../../shared/cascade/jobs/run-sync-job.ts';
import { createPluginSource } from '../../shared/cascade/plugins/active-plugins.ts';
import { loadPlugins } from '../../shared/cascade/plugins/load-plugins.ts';
import { createPluginRunner } from '../../shared/cascade/plugins/plugin-runner.ts';
import { createSyncCascades } from '../../shared/cascade/sync/sync-cascades.ts';
import type { Config } from '../../shared/config/config.ts';
import type { Foundation } from './foundation.ts';

interface CascadePartsOptions {
  readonly config: Config;
  /** Tells the download job that these customers are about to change. */
  readonly noteCustomersChanged: (customerIds: readonly string[]) => Promise<void>;
}

/** The parts of cascading transactions: plug-ins, both modes, and what starts, settles and reconciles jobs. */
export async function openCascadeParts(
  { storage, settings, readSettings, jobs, records, relationships, access, recordAccess, requests, now }: Foundation,
  { config, noteCustomersChanged }: CascadePartsOptions,
) {
  const plugins = await loadPlugins(config.pluginsPath);
  const pluginSource = createPluginSource(plugins, settings);
  const pluginServices = {
    source: pluginSource,
    runner: createPluginRunner({ modulePath: config.pluginsPath }),
    behaviors: relationships,
  };
  const cascade = createCascadeRecords({
    storage,
    records,
    noteCustomersChanged,
    plugins: pluginServices,
    parallelTransactions: config.parallelTransactions,
    requests,
  });
  const sync = createSyncCascades({ storage, records, noteCustomersChanged, plugins: pluginServices });
  const roots = openRootClaims(storage);
  const settle = createSettle({ jobs, roots, records: cascade, sync, now });
  return {
    plugins,
    pluginSource,
    cascade,
    roots,
    settle,
    paces: openJobPaces(storage),
    /** What the endpoints that start cascades work with. */
    starting: {
      ...{ records, relationships, access, recordAccess, settings, jobs, roots, settle, cascade, sync, now },
      pluggedTables: async (action: CascadeAction) => (await pluginSource(action)).tables,
    },
    /** What brings jobs together again after a crash. */
    reconciling: {
      ...{ jobs, roots, records: cascade, sync, now, storage },
      isHeld: async () => (await readSettings()).pauseAllJobs,
      transactions: records.tables.locks.transactions,
    },
  };
}
