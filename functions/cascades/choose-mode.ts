import { decideMode, type ModeFacts } from '../../shared/cascade/jobs/decide-mode.ts';
import type { CascadePlan } from '../../shared/cascade/plans.ts';
import type { Survey } from '../../shared/cascade/ports.ts';
import { isTableName } from '../../shared/catalogue/tables.ts';
import type { Settings } from '../../shared/settings/settings.ts';
import type { CascadePorts } from './cascade-ports.ts';

/** Parents and hints that are looked at where there are many more of them than records that the action reaches. */
const MANY = 1_000_000;

/** The mode that a plan runs in (C5). Looks at what it would touch only where thresholds or plug-ins are to decide. */
export async function chooseMode(
  { cascade, pluggedTables }: Pick<CascadePorts, 'cascade' | 'pluggedTables'>,
  plan: CascadePlan,
  wish: Pick<ModeFacts, 'action' | 'asked'> & { readonly settings: Settings },
): Promise<'sync' | 'async'> {
  const { action, asked, settings } = wish;
  const plugged = await pluggedTables(action);
  const nothing = { ...wish, total: 0, tables: [], pluggedTables: plugged };
  if (asked !== 'auto' || !settings.asyncCascades) return decideMode(nothing);
  const { total, byTable } = await look(cascade, plan, settings.thresholds[action], plugged.size > 0);
  return decideMode({ ...nothing, total, tables: Object.keys(byTable).filter(isTableName) });
}

/** Enough to tell whether the threshold is reached; all of it where the tables count too. */
async function look(
  cascade: CascadePorts['cascade'],
  plan: CascadePlan,
  threshold: number,
  isForTables: boolean,
): Promise<Survey> {
  const seen = await cascade.survey(plan, 4 * threshold + 1000);
  const isEnough = seen.complete || (seen.total >= threshold && !isForTables);
  return isEnough ? seen : cascade.survey(plan, MANY);
}
