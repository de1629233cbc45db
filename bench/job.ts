import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { ApiClient } from '../local/demo/api-client.ts';
import { RecordStore } from '../shared/records/record-store.ts';
import { openStorage } from '../shared/storage/storage.ts';
import { type ServedApp, serveInMemory } from './app.ts';
import { IN_FLIGHT } from './apply.ts';
import { makeChildren } from './children.ts';
import { measureFloor } from './floor.ts';
import type { Round } from './report.ts';

const ISSUER = 'https://bench.local';
/** Looking at a job costs storage several reads, so it is done seldom; the job itself says when it was completed. */
const POLL_MS = 1000;

/** The app over HTTP, an administrator as its client, and its records without HTTP. */
export async function serveAsAdmin(
  projectPath: string,
): Promise<{ readonly app: ServedApp; readonly admin: ApiClient; readonly records: RecordStore }> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), alg: 'ES256' }] });
  const auth = { AUTH_ISSUER: ISSUER, AUTH_AUDIENCE: 'spillway', AUTH_JWKS: keys };
  const token = await new SignJWT({ roles: ['Administrator'] })
    .setProtectedHeader({ alg: 'ES256' })
    .setSubject('admin')
    .setIssuer(ISSUER)
    .setAudience('spillway')
    .setExpirationTime('1h')
    .sign(privateKey);
  const app = await serveInMemory(projectPath, { ...auth, SPILLWAY_TIMERS_ENABLED: 'false' });
  const admin = new ApiClient(app.url, token);
  await admin.must('/users/ann', { method: 'PUT', body: { name: 'Ann', enabled: true, roles: ['Administrator'] } });
  return { app, admin, records: new RecordStore(openStorage({ connectionString: app.connectionString })) };
}

/** Contacts of the job before the rounds, which isn't counted: a process runs each line much slower the first times. */
const WARM_UP = 1000;

/** Rounds over HTTP: from the request of an Assign until its job says Completed, against the floor of the same rows. */
export async function jobRounds(
  { app, admin, records }: Awaited<ReturnType<typeof serveAsAdmin>>,
  rounds: number,
  children: number,
): Promise<Round[]> {
  await completed(admin, await startAssign(admin, (await makeChildren(records, WARM_UP)).accountId));
  const results: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    const { accountId, ids } = await makeChildren(records, children);
    const floorMs = await measureFloor(app.connectionString, { prefix: '', ids, inFlight: IN_FLIGHT });
    const startMs = Date.now();
    results.push({ floorMs, ms: (await completed(admin, await startAssign(admin, accountId))) - startMs });
  }
  return results;
}

/** Asks for an account to be assigned with all under it; gives the job. */
export async function startAssign(admin: ApiClient, accountId: string): Promise<string> {
  const body = { ownerId: 'ann', mode: 'async' };
  return (await admin.must<{ jobId: string }>(`/tables/account/${accountId}/assign`, { method: 'POST', body })).body
    .jobId;
}

/** Waits until a job says Completed, and gives when it was (milliseconds since 1970). Rejects when it comes to anything else. */
export async function completed(admin: ApiClient, jobId: string): Promise<number> {
  for (;;) {
    const { body: job } = await admin.must<{ status: string; completedOn: string }>(`/system-jobs/${jobId}`);
    if (job.status === 'Completed') return Date.parse(job.completedOn);
    if (job.status !== 'InProgress' && job.status !== 'Waiting') throw new Error(`The job is ${JSON.stringify(job)}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
