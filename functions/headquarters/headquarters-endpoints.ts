import type { BulkStore } from '../../shared/customers/bulk/bulk-store.ts';
import type { CdxSessions } from '../../shared/customers/cdx/cdx-sessions.ts';
import type { FeatureStore } from '../../shared/customers/configuration/features.ts';
import type { OperationChanges } from '../../shared/customers/headquarters/operation-changes.ts';
import type { HqOperationReader } from '../../shared/customers/headquarters/operations.ts';
import type { Pipeline } from '../../shared/customers/pipeline/pipeline.ts';
import type { Channels } from '../../shared/customers/ports.ts';
import type { Endpoint } from '../../shared/http/endpoint.ts';
import type { RunRegistry } from '../../shared/runs/run-registry.ts';
import { cancelCdxSession } from './cancel-cdx-session.ts';
import { createBulkChange } from './create-bulk-change.ts';
import { createCdxRun } from './create-cdx-run.ts';
import { createSyncRun } from './create-sync-run.ts';
import { discardOperation } from './discard-operation.ts';
import { explainCustomer } from './explain-customer.ts';
import { getBulkChange } from './get-bulk-change.ts';
import { getCdxRun } from './get-cdx-run.ts';
import { getOperation } from './get-operation.ts';
import { getPipeline } from './get-pipeline.ts';
import { getSyncRun } from './get-sync-run.ts';
import { listCdxJobs } from './list-cdx-jobs.ts';
import { listCdxSessions } from './list-cdx-sessions.ts';
import { listFeatures } from './list-features.ts';
import { listOperations } from './list-operations.ts';
import { listSyncRuns } from './list-sync-runs.ts';
import { patchOperation } from './patch-operation.ts';
import { putFeature } from './put-feature.ts';
import { reinstateOperation } from './reinstate-operation.ts';
import { retryCdxSession } from './retry-cdx-session.ts';
import { synchronizeOperation } from './synchronize-operation.ts';

/** What headquarters' customer sync works with over HTTP. */
export interface HeadquartersPorts {
  readonly runs: RunRegistry;
  readonly operations: HqOperationReader;
  readonly changes: OperationChanges;
  readonly bulk: BulkStore;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
  readonly sessions: CdxSessions;
  readonly features: FeatureStore;
  readonly channels: Channels;
  readonly pipeline: Pipeline;
}

/** The endpoints of headquarters' customer sync and its jobs, for the table of routes. */
export function headquartersEndpoints(ports: HeadquartersPorts): Endpoint[] {
  return [
    listFeatures(ports),
    putFeature(ports),
    listCdxJobs(ports),
    listCdxSessions(ports),
    retryCdxSession(ports),
    cancelCdxSession(ports),
    createCdxRun(ports),
    getCdxRun(ports),
    listSyncRuns(ports),
    createSyncRun(ports),
    getSyncRun(ports),
    createBulkChange(ports),
    getBulkChange(ports),
    getPipeline(ports),
    explainCustomer(ports),
    listOperations(ports),
    getOperation(ports),
    patchOperation(ports),
    synchronizeOperation(ports),
    discardOperation(ports),
    reinstateOperation(ports),
  ];
}
