/** A host with some records, as tests of cascades over HTTP talk to it. */

import type { HostFaults } from '../../../local/faults/host-faults.ts';
import { callHost, type HostAnswer } from '../../support/host-call.ts';
import { eventually, type SpawnedHost, sharedHost } from '../../support/local-host.ts';

/** The parts of answers that tests look at by name. */
export interface HostBody extends Record<string, unknown> {
  readonly id: string;
  readonly jobId: string;
  readonly status: unknown;
  readonly items: { readonly recordId: string }[];
  readonly results: { readonly id: string }[];
}

export interface CascadeHost {
  readonly host: SpawnedHost;
  readonly faults: HostFaults;
  call(method: string, path: string, body?: unknown): Promise<HostAnswer<HostBody>>;
  /** Makes a record, and gives its id. */
  make(table: string, body: Record<string, unknown>): Promise<string>;
  makeMany(table: string, records: readonly Record<string, unknown>[]): Promise<string[]>;
  /** The job once it has one of these states. */
  job(id: string, ...statuses: string[]): Promise<HostBody>;
}

/** The host that test files share, as an administrator sees it. */
export async function openCascadeHost(): Promise<CascadeHost> {
  const { host, faults } = await sharedHost();
  const token = await host.token('--role', 'Administrator');
  const call = (method: string, path: string, body?: unknown) => callHost<HostBody>(host, token, method, path, body);
  return {
    host,
    faults,
    call,
    async make(table, body) {
      const made = await call('POST', `/tables/${table}`, body);
      if (made.status !== 201) throw new Error(JSON.stringify(made.body));
      return made.body.id;
    },
    async makeMany(table, records) {
      const { body } = await call('POST', `/tables/${table}/batch`, { records });
      return body.results.map(({ id }) => id);
    },
    job: (id, ...statuses) =>
      eventually(async () => {
        const { body } = await call('GET', `/system-jobs/${id}`);
        return statuses.includes(String(body.status)) ? body : undefined;
      }, 60_000),
  };
}
