import type { CascadePlan, Survey } from '../../shared/cascade/ports.ts';
import { isTableName } from '../../shared/catalogue/tables.ts';
import { decideMode, type ModeFacts } from '../../shared/jobs/decide-mode.ts';
import { Problem } from '../../shared/problem.ts';
import type { Settings } from '../../shared/settings/settings.ts';
import type { CascadePorts } from './cascade-ports.ts';

/** Parents and hints that are looked at where there are many more of them than records that the action reaches. */
const MANY = 1_000_000;

/**
 * The mode that a plan runs in (C5). Looks at what it would touch only where thresholds or plug-ins are to decide. Plug-ins
 * run in batches alone: what affects a table that has one runs asynchronously, and is refused where that may not be.
 */
export async function chooseMode(
  { cascade, pluggedTables }: Pick<CascadePorts, 'cascade' | 'pluggedTables'>,
  plan: CascadePlan,
  wish: Pick<ModeFacts, 'action' | 'asked'> & { readonly settings: Settings },
): Promise<'sync' | 'async'> {
  const { action, asked, settings } = wish;
  const plugged = await pluggedTables(action);
  const isOpen = asked === 'auto' && settings.asyncCascades;
  const nothing = { ...wish, total: 0, tables: [], pluggedTables: plugged };
  if (!isOpen && (asked === 'async' || plugged.size === 0)) return decideMode(nothing);
  const { total, byTable } = await look(cascade, plan, settings.thresholds[action]);
  const tables = Object.keys(byTable).filter(isTableName);
  const mode = decideMode({ ...nothing, total, tables });
  if (mode === 'async' || !tables.some((table) => plugged.has(table))) return mode;
  if (isOpen) return 'async';
  throw new Problem(
    'not-yet-available',
    'Plug-ins on an affected table do not run in a synchronous cascade in this version. Nothing was done: send mode "async", with the setting asyncCascades on.',
  );
}

async function look(cascade: CascadePorts['cascade'], plan: CascadePlan, threshold: number): Promise<Survey> {
  const seen = await cascade.survey(plan, 4 * threshold + 1000);
  return seen.complete || seen.total >= threshold ? seen : cascade.survey(plan, MANY);
}
