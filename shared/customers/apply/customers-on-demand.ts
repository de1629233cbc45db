/**
 * Customers that a record call names before the sync job has made them: what they have waiting is applied first, so that an
 * order doesn't have to wait for the job. Under the customer's head like every other applier (HEAD-2, HEAD-3).
 */

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../../problem.ts';
import type { RecordStore } from '../../records/record-store.ts';
import { operationId } from '../customer-operation.ts';
import type { PendingCustomers } from '../headquarters/pending-customers.ts';
import type { StagingTables } from '../headquarters/staging-tables.ts';
import type { ChannelDatabase, Channels } from '../ports.ts';
import type { ApplyJob } from './apply-job.ts';

/** What making customers on demand works with. */
export interface OnDemandPorts {
  readonly applyJob: Pick<ApplyJob, 'applyCustomers'>;
  readonly pending: Pick<PendingCustomers, 'find'>;
  readonly staging: Pick<StagingTables, 'after'>;
  readonly records: Pick<RecordStore, 'find'>;
  readonly channels: Pick<Channels, 'list'>;
  readonly channelDatabase: Pick<ChannelDatabase, 'hasCustomer'>;
  /** Waits between looks at a customer that another worker has. */
  readonly wait?: (ms: number) => Promise<void>;
}

/** Synchronizes a customer that has no account yet; does nothing about one that headquarters doesn't know. */
export type SynchronizeCustomer = (customerAsyncId: string) => Promise<void>;

const TRIES = 15;
const WAIT_MS = 200;

/**
 * Throws Problem conflict (another worker has the customer), rule-broken (its creation has failed, and why, or it is in a
 * channel alone).
 */
export function createSynchronizeCustomer(ports: OnDemandPorts): SynchronizeCustomer {
  const { applyJob, pending, staging, records, channels, channelDatabase, wait = sleep } = ports;

  async function applyWaiting(customerAsyncId: string): Promise<void> {
    const holder = `record|${randomUUID()}`;
    for (let attempt = 0; attempt < TRIES; attempt++) {
      if (attempt > 0) await wait(WAIT_MS);
      if ((await pending.find(customerAsyncId)) === undefined) return;
      const { busy } = await applyJob.applyCustomers([customerAsyncId], holder);
      if (busy === 0) return;
      if (await records.find('account', customerAsyncId)) return;
    }
    throw new Problem('conflict', `Customer ${customerAsyncId} is being synchronized at this moment. Try again.`, {
      retryAfterSeconds: 2,
    });
  }

  async function refuseStaged(customerAsyncId: string): Promise<void> {
    for (const { id } of await channels.list()) {
      if (!(await channelDatabase.hasCustomer(id, customerAsyncId))) continue;
      throw new Problem(
        'rule-broken',
        `The customer ${customerAsyncId} is in channel ${id} only. Run job P-0001 first, which uploads it, then try again.`,
        { extra: { channel: id } },
      );
    }
  }

  return async (customerAsyncId) => {
    await applyWaiting(customerAsyncId);
    if (await records.find('account', customerAsyncId)) return;
    const failed = (await staging.after(customerAsyncId, '')).find(({ status }) => status === 'Failed');
    if (!failed) return refuseStaged(customerAsyncId);
    const id = operationId(failed);
    throw new Problem(
      'rule-broken',
      `The customer ${customerAsyncId} is not at headquarters yet, as its operation ${id} has failed: ${failed.lastError} Mend and synchronize it, then try again.`,
      { extra: { operationId: id } },
    );
  };
}
