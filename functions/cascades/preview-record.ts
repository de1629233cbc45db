import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { mergeWinners, type Winner } from '../../shared/cascade/actions/merge-columns.ts';
import { readMergeContext } from '../../shared/cascade/actions/merge-context.ts';
import { CASCADE_ACTIONS } from '../../shared/cascade/jobs/action-needs.ts';
import { decideCascadeMode } from '../../shared/cascade/jobs/decide-cascade-mode.ts';
import type { CascadePlan, MergePlan, PlanCommon } from '../../shared/cascade/plans.ts';
import type { PluginSource } from '../../shared/cascade/plugins/active-plugins.ts';
import type { TableName } from '../../shared/catalogue/tables.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { parse } from '../../shared/http/request-parts.ts';
import { Problem } from '../../shared/problem.ts';
import type { MissingPrivilege, Principal, PrivilegeAction } from '../../shared/security/privileges.ts';
import { ADMINISTRATOR_ROLE, builtInRole } from '../../shared/security/roles.ts';
import { recordOf } from '../records/record-ports.ts';
import type { CascadePorts } from './cascade-ports.ts';
import { distinct, lackingOf, MAX_ROWS, previewSchema } from './preview-body.ts';
import { type CascadeEndpoint, type CascadeRequest, modeSchema } from './start-cascade.ts';

/** What an action takes comes beside `action`; it is checked by the action's own schema. */
const bodySchema = z.looseObject({ action: z.enum(CASCADE_ACTIONS), mode: modeSchema });

export interface PreviewPorts extends CascadePorts {
  readonly plugins: PluginSource;
  /** The actions that can be previewed. */
  readonly cascades: readonly CascadeEndpoint[];
}

/**
 * POST /tables/{table}/{id}/preview `{action, …}`: what an action would come to if it were asked for now: how many records,
 * in which mode, what forbids it, what the caller lacks. Changes nothing.
 */
export function previewRecord(ports: PreviewPorts): Endpoint {
  return endpoint({
    name: 'previewRecord',
    summary: 'Tell what an action would come to, without doing it.',
    method: 'POST',
    route: 'tables/{table}/{id}/preview',
    roles: ['Administrator', 'User'],
    body: bodySchema,
    answers: { 200: previewSchema },
    problems: ['conflict', 'locked', 'rule-broken', 'not-yet-available'],
    async handle({ caller, params, body: { action, mode: asked, ...rest } }) {
      const { cascade } = ports.cascades.find((each) => each.cascade.action === action) ?? {};
      if (!cascade) throw new Problem('action-not-available', { action });
      const { table, principal, record } = await recordOf(ports, { caller, params }, ['Read']);
      const { value: root } = record;
      const body = cascade.body ? parse(cascade.body, { ...rest, mode: asked }, 'body') : parse(NOTHING, rest, 'body');
      const current = (await ports.settings.readSettings()).settings;
      const common: PlanCommon = {
        jobId: randomUUID(),
        table,
        recordId: root.id,
        formerOwnerId: root.ownerId,
        behaviors: await ports.relationships.behaviorsOf(cascade.behavior),
        lanes: 1,
        by: principal.userId,
        createdOn: new Date(ports.now()).toISOString(),
      };
      const { plan, missing } = await planFor((request) => cascade.planOf(common, request), {
        body,
        query: { mode: asked },
        principal,
        table,
        root,
      });
      const survey = await ports.cascadeRecords.survey(plan, MAX_ROWS);
      const tables = Object.keys(survey.byTable) as TableName[];
      const { tables: tablesWithPlugins } = await ports.plugins(action);
      const mode = decideCascadeMode({
        action,
        asked,
        total: survey.total,
        tables,
        tablesWithPlugins,
        settings: current,
      });
      const lacking = await lackingOf(ports.access, plan, caller, survey);
      const missingPrivileges = distinct([...missing, ...lacking]);
      const { ownTables: _own, ...counts } = survey;
      const winners = plan.action === 'merge' && { winners: await winnersOf(ports, plan) };
      return { status: 200, body: { mode, ...counts, missingPrivileges, ...winners } };
    },
  });
}

const NOTHING = z.strictObject({});

/** The plan, also for a caller who may not begin it; `missing` says what it lacks for that. */
async function planFor<Request extends CascadeRequest<unknown, unknown>>(
  planOf: (request: never) => Promise<CascadePlan> | CascadePlan,
  request: Request,
): Promise<{ readonly plan: CascadePlan; readonly missing: MissingPrivilege[] }> {
  try {
    return { plan: await planOf(request as never), missing: [] };
  } catch (error) {
    if (!(error instanceof Problem) || error.slug !== 'forbidden') throw error;
    const { privilege, table } = error.extra;
    const missing = [{ privilege: privilege as PrivilegeAction, table: String(table) }];
    const allowed: Principal = { ...request.principal, grants: builtInRole(ADMINISTRATOR_ROLE)?.privileges ?? [] };
    return { plan: await planOf({ ...request, principal: allowed } as never), missing };
  }
}

/** What wins in each column, by the records as they are. */
async function winnersOf({ recordStore }: PreviewPorts, plan: MergePlan): Promise<Winner[]> {
  const { table, recordId, subordinateId, content } = plan;
  const { records } = await readMergeContext(recordStore.tables, plan, { table, ids: [recordId], looked: new Map() });
  const [target, subordinate] = [recordId, subordinateId].map((id) => records.get(id)?.cells ?? {});
  return mergeWinners(table, { content, target: target ?? {}, subordinate: subordinate ?? {} });
}
