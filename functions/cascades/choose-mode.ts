import { type CascadeModeFacts, decideCascadeMode } from '../../shared/cascade/jobs/decide-cascade-mode.ts';
import type { CascadePlan } from '../../shared/cascade/plans.ts';
import type { Survey } from '../../shared/cascade/ports.ts';
import { isTableName } from '../../shared/catalogue/tables.ts';
import type { Settings } from '../../shared/settings/settings.ts';
import type { CascadePorts } from './cascade-ports.ts';

/** Parents and hints that are looked at where there are many more of them than records that the action reaches. */
const MANY = 1_000_000;

/** The mode that a plan runs in (C5). Looks at what it would touch only where thresholds or plug-ins are to decide. */
export async function chooseMode(
  { cascadeRecords, tablesWithPlugins }: Pick<CascadePorts, 'cascadeRecords' | 'tablesWithPlugins'>,
  plan: CascadePlan,
  request: Pick<CascadeModeFacts, 'action' | 'asked'> & { readonly settings: Settings },
): Promise<'sync' | 'async'> {
  const { action, asked, settings } = request;
  const withPlugins = await tablesWithPlugins(action);
  const nothing = { ...request, total: 0, tables: [], tablesWithPlugins: withPlugins };
  if (asked !== 'auto' || !settings.asyncCascades) return decideCascadeMode(nothing);
  const { total, byTable } = await look(cascadeRecords, plan, settings.thresholds[action], withPlugins.size > 0);
  return decideCascadeMode({ ...nothing, total, tables: Object.keys(byTable).filter(isTableName) });
}

/** Enough to tell whether the threshold is reached; all of it where the tables count too. */
async function look(
  cascadeRecords: CascadePorts['cascadeRecords'],
  plan: CascadePlan,
  threshold: number,
  isForTables: boolean,
): Promise<Survey> {
  const seen = await cascadeRecords.survey(plan, 4 * threshold + 1000);
  const isEnough = seen.complete || (seen.total >= threshold && !isForTables);
  return isEnough ? seen : cascadeRecords.survey(plan, MANY);
}
