import type { ApiClient } from '../local/demo/api-client.ts';
import type { RecordStore } from '../shared/records/record-store.ts';
import { makeChildren } from './children.ts';
import { completed, type serveAsAdmin } from './job.ts';
import type { Round } from './report.ts';

const USER = 'bob';

/**
 * How long a grant on a record outside takes while an account with many records is merged, against how long it takes without: p99
 * in milliseconds, from the request until the user has the right. `grants`: so many without, and as many as there is time for with.
 */
export async function grantRounds(
  { admin, records }: Pick<Awaited<ReturnType<typeof serveAsAdmin>>, 'admin' | 'records'>,
  rounds: number,
  children: number,
  grants: number,
): Promise<Round[]> {
  await admin.must(`/users/${USER}`, { method: 'PUT', body: { name: USER, enabled: true, roles: ['User'] } });
  const results: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    const { accountId } = await makeChildren(records, children);
    const quiet = p99(await grantUntil(admin, records, (given) => given < grants));
    const target = (await makeChildren(records, 0)).accountId;
    const merge = { method: 'POST', body: { subordinateId: accountId, mode: 'async' } } as const;
    const { body } = await admin.must<{ jobId: string }>(`/tables/account/${target}/merge`, merge);
    let isRunning = true;
    const ended = completed(admin, body.jobId).finally(() => {
      isRunning = false;
    });
    const busy = await grantUntil(admin, records, () => isRunning);
    await ended;
    results.push({ floorMs: quiet, ms: p99(busy) });
  }
  return results;
}

/** Grants on fresh records, one after the other, as long as told; gives how long each took. */
async function grantUntil(
  admin: ApiClient,
  records: RecordStore,
  goesOn: (given: number) => boolean,
): Promise<number[]> {
  const times: number[] = [];
  while (times.length === 0 || goesOn(times.length)) {
    const { accountId } = await makeChildren(records, 0);
    const startMs = performance.now();
    const { status, body } = await admin.must<{ jobId: string }>(`/tables/account/${accountId}/share`, {
      method: 'POST',
      body: { principal: USER, rights: ['Read'] },
    });
    if (status === 202) await completed(admin, body.jobId);
    times.push(performance.now() - startMs);
  }
  return times;
}

function p99(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0;
}
