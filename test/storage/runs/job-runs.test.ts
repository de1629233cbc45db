/** The jobs' orchestrators over their real activities: what goes between them fits, and a run does the whole job. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ActivityRef } from '../../../orchestrations/activity.ts';
import { createCdxDownload } from '../../../orchestrations/cdx-download/cdx-download.ts';
import * as downloads from '../../../orchestrations/cdx-download/cdx-download-activities.ts';
import { cdxUpload } from '../../../orchestrations/cdx-upload/cdx-upload.ts';
import * as uploads from '../../../orchestrations/cdx-upload/cdx-upload-activities.ts';
import { customerSync } from '../../../orchestrations/customer-sync/customer-sync.ts';
import * as syncs from '../../../orchestrations/customer-sync/customer-sync-activities.ts';
import { beginRun, createRunActivities, finishRun } from '../../../orchestrations/runs/run-activities.ts';
import type { Instances } from '../../../shared/runs/instances.ts';
import type { JobName } from '../../../shared/runs/run.ts';
import { drive, type Played } from '../../unit/orchestrations/hand-driven.ts';
import { addChannel, customerState, type Hq, openHq } from '../customers/hq-fixture.ts';

const ORCHESTRATORS = {
  'P-0001': cdxUpload,
  'customer-sync': customerSync,
  '1010': createCdxDownload('1010'),
  '1070': createCdxDownload('1070'),
  '1110': createCdxDownload('1110'),
};
const REFS = [
  beginRun,
  finishRun,
  uploads.uploadedTotal,
  uploads.uploadPage,
  syncs.listPendingCustomers,
  syncs.applyCustomers,
  downloads.planDownload,
  downloads.downloadPage,
] as const;

/** The activities as a host runs them: both ways through their schemas. */
function activitiesOf({ runs, uploadJob, applyJob, downloadJob }: Hq): Record<string, Played> {
  const all: Record<string, unknown> = {
    ...createRunActivities(runs),
    ...uploads.createCdxUploadActivities(uploadJob),
    ...syncs.createCustomerSyncActivities(applyJob),
    ...downloads.createCdxDownloadActivities(downloadJob),
  };
  return Object.fromEntries(
    REFS.map((each) => {
      const ref = each as unknown as ActivityRef<unknown, unknown>;
      const work = all[ref.name] as (input: unknown) => Promise<unknown>;
      return [ref.name, async (input: unknown) => ref.output.parse(await work(ref.input.parse(input)))];
    }),
  );
}

const idle: Instances = { state: async () => 'alive', start: async () => {} };

async function run(hq: Hq, job: JobName) {
  const { runId } = await hq.runs.request(job, idle, { whenRunning: 'join' });
  await drive(ORCHESTRATORS[job], activitiesOf(hq), { instanceId: runId });
  return hq.runs.find(job, runId, idle);
}

describe('A5 A6 A7 the three jobs, one after the other', () => {
  it('bring operations of two channels to headquarters and the numbers back to both', async () => {
    const hq = openHq();
    const customers: string[] = [];
    for (const channel of [addChannel(hq, 'a'), addChannel(hq, 'b')]) {
      for (let at = 0; at < 30; at++) {
        const customer = randomUUID();
        customers.push(customer);
        hq.staged.add(channel, 'createCustomer', { customer }, { name: at === 7 ? ' ' : `Customer ${at}` });
        hq.staged.add(channel, 'createAddress', { customer, target: randomUUID() }, { street: 'Main St' });
      }
    }
    expect(await run(hq, 'P-0001')).toMatchObject({ status: 'Completed', counts: { uploaded: 120 } });
    expect(await run(hq, 'customer-sync')).toMatchObject({
      status: 'Completed',
      counts: { applied: 116, failed: 2, held: 2 },
    });
    expect(await run(hq, '1010')).toMatchObject({ status: 'Completed', counts: { applied: 116 } });
    for (const customer of customers.slice(0, 7)) {
      const { account } = await customerState(hq, customer);
      for (const channel of ['a', 'b']) {
        expect(hq.channelDatabase.newest(channel, customer)?.accountNumber).toBe(account?.columns.accountNumber);
      }
    }
    expect(await run(hq, 'P-0001')).toMatchObject({ counts: { uploaded: 0 } });
    expect(await run(hq, 'customer-sync')).toMatchObject({ counts: { applied: 0, failed: 0, held: 0 } });
  });
});
