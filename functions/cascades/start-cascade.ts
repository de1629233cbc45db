import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ruleOf } from '../../shared/cascade/actions/rules.ts';
import { ACTION_NEEDS, type CascadeAction } from '../../shared/cascade/jobs/action-needs.ts';
import { type Job, newJob } from '../../shared/cascade/jobs/job.ts';
import { jobInstances } from '../../shared/cascade/jobs/job-instances.ts';
import { createPermissionCheck, permissionSubject } from '../../shared/cascade/jobs/permission-check.ts';
import { NO_COUNTS } from '../../shared/cascade/jobs/progress.ts';
import { runSyncJob } from '../../shared/cascade/jobs/run-sync-job.ts';
import { startJob } from '../../shared/cascade/jobs/start-job.ts';
import type { CascadePlan, PlanCommon } from '../../shared/cascade/plans.ts';
import type { RelationshipAction } from '../../shared/catalogue/relationships.ts';
import { TABLE_NAMES, type TableName } from '../../shared/catalogue/tables.ts';
import { durableEndpoint, type Endpoint, type Method } from '../../shared/http/endpoint.ts';
import type { RecordValue } from '../../shared/records/record.ts';
import type { Principal } from '../../shared/security/privileges.ts';
import { checkIfMatch } from '../../shared/storage/preconditions.ts';
import { recordOf } from '../records/record-ports.ts';
import { accepted, acceptedSchema } from './accepted.ts';
import type { CascadePorts } from './cascade-ports.ts';
import { chooseMode } from './choose-mode.ts';
import { findAttempt } from './find-attempt.ts';

/** How a cascade is to run: `auto` leaves it to the thresholds. */
export const modeSchema = z.enum(['auto', 'sync', 'async']).default('auto');
type Mode = z.infer<typeof modeSchema>;

/** What a caller asks for, once it is known that the root is there and the caller may do the action to it. */
export interface CascadeRequest<Body, Query> {
  readonly body: Body;
  readonly query: Query;
  readonly principal: Principal;
  readonly table: TableName;
  /** The root. */
  readonly root: RecordValue;
}

/** What an endpoint that starts a cascade says of its action; the rest is the same for all. */
export interface CascadeSpec<Body, Query> {
  readonly name: string;
  readonly summary: string;
  readonly method: Method;
  readonly route: string;
  readonly body?: z.ZodType<Body>;
  readonly query?: z.ZodType<Query>;
  readonly action: CascadeAction;
  /** The behaviours that the plan copies. */
  readonly behavior: RelationshipAction;
  modeOf(request: Pick<CascadeRequest<Body, Query>, 'body' | 'query'>): Mode;
  /** The plan, made of what all plans have and what is special; throws the Problems of the action. */
  planOf(common: PlanCommon, request: CascadeRequest<Body, Query>): Promise<CascadePlan> | CascadePlan;
  /** Throws the Problem of a plan that must not be begun in this mode. */
  check?(plan: CascadePlan, mode: 'sync' | 'async'): Promise<void>;
}

/** An endpoint that starts a cascade, and what it says of its action, for previews. */
export interface CascadeEndpoint extends Endpoint {
  readonly cascade: Omit<CascadeSpec<unknown, unknown>, 'modeOf' | 'planOf'> & {
    planOf(common: PlanCommon, request: CascadeRequest<never, never>): Promise<CascadePlan> | CascadePlan;
  };
}

/** An endpoint that starts a cascade: privileges, root, plan, mode, job. 202 with the job that does it, or 200 once it is done. */
export function cascadeEndpoint<Body = undefined, Query = undefined>(
  ports: CascadePorts,
  spec: CascadeSpec<Body, Query>,
): CascadeEndpoint {
  const { access, settings, relationships, now } = ports;
  const { each } = ACTION_NEEDS[spec.action];
  const starts = durableEndpoint({
    name: spec.name,
    summary: spec.summary,
    method: spec.method,
    route: spec.route,
    roles: ['Administrator', 'User'],
    ...(spec.body && { body: spec.body }),
    ...(spec.query && { query: spec.query }),
    answers: { 200: doneSchema, 202: acceptedSchema },
    problems: ['conflict', 'locked', 'rule-broken', 'transaction-too-long'],
    ifMatch: 'heeded',
    idempotent: true,
    reserve: () => ({ jobId: randomUUID() as string, createdOn: new Date(now()).toISOString() }),
    async handle({ caller, params, body, query, ifMatch, reserved, durable, log }) {
      const requestedMs = now();
      const instances = jobInstances(durable, log);
      const attempt = await findAttempt(ports, reserved);
      if ('made' in attempt) {
        const { made } = attempt;
        return made.mode === 'sync' ? done(made) : accepted((await startJob(ports, made, instances)).id);
      }
      const { jobId, createdOn } = attempt;
      const { table, principal, record } = await recordOf(ports, { caller, params }, each);
      const { value: root } = record;
      const { id: recordId } = root;
      checkIfMatch({ ifMatch, version: root.version, required: false, what: `the ${table} ${recordId}` });
      const current = (await settings.readSettings()).settings;
      const common: PlanCommon = {
        jobId,
        table,
        recordId,
        formerOwnerId: root.ownerId,
        behaviors: await relationships.behaviorsOf(spec.behavior),
        lanes: current.lanes,
        by: principal.userId,
        createdOn,
        askedMode: spec.modeOf({ body, query }),
      };
      const request = { body, query, principal, table, root };
      const plan = inLanes(await spec.planOf(common, request));
      const mode = await chooseMode(ports, plan, {
        action: spec.action,
        asked: common.askedMode ?? 'auto',
        settings: current,
      });
      await spec.check?.(plan, mode);
      const job = newJob(plan, caller.role, mode);
      if (mode === 'async') return accepted((await startJob(ports, job, instances)).id);
      const check = createPermissionCheck(access, permissionSubject(plan), caller.role);
      const deadlineSeconds = current.transactionDeadlineSeconds;
      return done(await runSyncJob(ports, job, { deadlineSeconds, requestedMs, check }));
    },
  });
  return { ...starts, cascade: spec };
}

/** Where levels wait for one another, one lane keeps their order; it applies as many chunks at a time as several would. */
function inLanes(plan: CascadePlan): CascadePlan {
  return ruleOf(plan).order === 'rootFirst' ? plan : { ...plan, lanes: 1 };
}

const doneSchema = z.strictObject({
  jobId: z.guid(),
  counts: z.strictObject({
    ...{ total: z.number().int(), done: z.number().int(), failed: z.number().int(), skipped: z.number().int() },
    byTable: z.partialRecord(
      z.enum(TABLE_NAMES),
      z.strictObject({ done: z.number().int(), failed: z.number().int(), skipped: z.number().int() }),
    ),
  }),
});

/** A synchronous job is at its end when it is answered. */
function done({ id: jobId, total, endCounts }: Job) {
  const { done, failed, skipped, byTable } = endCounts ?? NO_COUNTS;
  return { status: 200, body: { jobId, counts: { total, done, failed, skipped, byTable } } };
}
