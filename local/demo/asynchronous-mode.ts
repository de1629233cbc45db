import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from './api-client.ts';

/** In an order in which each may be switched on: the last one needs the others. */
const FEATURES = ['performanceImprovements', 'enhancedAsyncCreation', 'asyncAddressCreation', 'editCustomersAsync'];
/** What brings features and profile to the channels. */
const JOBS = ['1110', '1010', '1070'];
const PATIENCE_MS = 120_000;

/**
 * Switches asynchronous mode on, as an administrator does: the four features, then the three jobs, so that the channels
 * learn of them and of their profiles. Resolves when the jobs have completed.
 */
export async function switchOnAsynchronousMode(admin: ApiClient): Promise<void> {
  for (const key of FEATURES) await admin.must(`/features/${key}`, { method: 'PUT', body: { enabled: true } });
  for (const job of JOBS) {
    const path = `/cdx-jobs/${job}/runs`;
    const { body } = await admin.must<{ runId: string }>(path, { method: 'POST', body: {} });
    await completed(admin, `${path}/${body.runId}`);
  }
}

async function completed(admin: ApiClient, path: string): Promise<void> {
  const endMs = Date.now() + PATIENCE_MS;
  for (;;) {
    const { body } = await admin.must<{ status: string; error?: string }>(path);
    if (body.status === 'Completed') return;
    if (body.status === 'Failed' || Date.now() > endMs) throw new Error(`${path} is ${body.status}: ${body.error}`);
    await sleep(50);
  }
}
