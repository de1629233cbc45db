import { randomUUID } from 'node:crypto';
import type { ApiClient } from '../../../local/demo/api-client.ts';
import { eventually } from '../../support/local-host.ts';

interface Run {
  readonly runId: string;
  readonly status: string;
}

/** Runs a job and waits until it has ended. */
async function runJob(admin: ApiClient, path: string): Promise<void> {
  const { body } = await admin.must<Run>(path, { method: 'POST', body: {}, idempotencyKey: randomUUID() });
  await eventually(async () => {
    const { body: run } = await admin.must<Run>(`${path}/${body.runId}`);
    return run.status === 'Completed' || undefined;
  });
}

/**
 * Customers that a channel makes with an e-mail address which headquarters refuses: their operations are Failed when this
 * resolves, newest first.
 */
export async function failOperations(admin: ApiClient, count: number): Promise<readonly { readonly id: string }[]> {
  for (let at = 0; at < count; at++) {
    const body = { name: `Broken ${at}`, type: 'Person', email: 'no at sign', currency: 'EUR', language: 'en-US' };
    await admin.must('/channels/store-1/customers', { method: 'POST', body, idempotencyKey: randomUUID() });
  }
  await runJob(admin, '/cdx-jobs/P-0001/runs');
  await runJob(admin, '/customer-sync/runs');
  const { body } = await admin.must<{ items: { id: string }[] }>(
    `/customer-sync/operations?status=Failed&pageSize=${count}`,
  );
  return body.items;
}
