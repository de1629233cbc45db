import { app } from 'durable-functions';
import type { ApplyJob } from '../shared/customers/apply/apply-job.ts';
import type { BulkJob } from '../shared/customers/bulk/bulk-job.ts';
import type { DownloadJob } from '../shared/customers/download/download-job.ts';
import type { UploadJob } from '../shared/customers/upload/upload-job.ts';
import { JOBS } from '../shared/runs/run.ts';
import type { RunRegistry } from '../shared/runs/run-registry.ts';
import type { ActivityRef } from './activity.ts';
import { bulkChange } from './bulk-change/bulk-change.ts';
import { changeBulkPage, createBulkChangeActivities, failBulk } from './bulk-change/bulk-change-activities.ts';
import { createCdxDownload } from './cdx-download/cdx-download.ts';
import { createCdxDownloadActivities, downloadPage, planDownload } from './cdx-download/cdx-download-activities.ts';
import { cdxUpload } from './cdx-upload/cdx-upload.ts';
import { createCdxUploadActivities, uploadedTotal, uploadPage } from './cdx-upload/cdx-upload-activities.ts';
import { customerSync } from './customer-sync/customer-sync.ts';
import {
  applyCustomers,
  createCustomerSyncActivities,
  listPendingCustomers,
} from './customer-sync/customer-sync-activities.ts';
import { beginRun, createRunActivities, finishRun } from './run-activities.ts';

/** What the activities of the customer jobs work with. */
export interface CustomerJobServices {
  readonly runs: RunRegistry;
  readonly uploadJob: UploadJob;
  readonly applyJob: ApplyJob;
  readonly downloadJob: DownloadJob;
  readonly bulkJob: BulkJob;
}

/** Tells the Functions runtime of the orchestrations and activities of the customer jobs. To be called once, at the start. */
export function registerCustomerJobs({ runs, uploadJob, applyJob, downloadJob, bulkJob }: CustomerJobServices): void {
  const run = createRunActivities(runs);
  const sync = createCustomerSyncActivities(applyJob);
  const upload = createCdxUploadActivities(uploadJob);
  const download = createCdxDownloadActivities(downloadJob);
  const bulk = createBulkChangeActivities(bulkJob);
  register(beginRun, run.beginRun);
  register(finishRun, run.finishRun);
  register(listPendingCustomers, sync.listPendingCustomers);
  register(applyCustomers, sync.applyCustomers);
  register(uploadedTotal, upload.uploadedTotal);
  register(uploadPage, upload.uploadPage);
  register(planDownload, download.planDownload);
  register(downloadPage, download.downloadPage);
  register(changeBulkPage, bulk.changeBulkPage);
  register(failBulk, bulk.failBulk);
  app.orchestration('bulkChange', bulkChange);
  app.orchestration(JOBS['customer-sync'].orchestration, customerSync);
  app.orchestration(JOBS['P-0001'].orchestration, cdxUpload);
  for (const job of ['1010', '1070', '1110'] as const)
    app.orchestration(JOBS[job].orchestration, createCdxDownload(job));
}

function register<I, O>(ref: ActivityRef<I, O>, work: (input: I) => Promise<O>): void {
  app.activity(ref.name, {
    handler: async (input: unknown) => ref.output.parse(await work(ref.input.parse(input))),
  });
}
