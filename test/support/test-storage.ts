import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import type { StoragePolicy } from '../../shared/storage/size-limits.ts';
import { openStorage, type Storage } from '../../shared/storage/storage.ts';

/** Storage of the run's Azurite, whose tables nobody else uses. The same `prefix` opens the same tables again. */
export function openTestStorage(options: { prefix?: string; policies?: readonly StoragePolicy[] } = {}): Storage {
  const { prefix = uniquePrefix(), policies = [] } = options;
  return openStorage({
    connectionString: inject('azuriteConnectionString'),
    prefix,
    policies: [...policies, knownTablesPolicy],
  });
}

export function uniquePrefix(): string {
  return `t${randomBytes(6).toString('hex')}`;
}

type Response = Awaited<ReturnType<StoragePolicy['sendRequest']>>;

/** How the service answered when a table was made, by the request's body, which names it. */
const made = new Map<string, Response>();

/** Answers for tables that this process has made before as the service did then: tests that kill a process open them again and again. */
const knownTablesPolicy: StoragePolicy = {
  name: 'testKnownTables',
  async sendRequest(request, next) {
    if (request.method !== 'POST' || !request.url.includes('/Tables') || typeof request.body !== 'string')
      return next(request);
    const known = made.get(request.body);
    if (known) return { ...known, request };
    const response = await next(request);
    if (response.status < 300) made.set(request.body, response);
    return response;
  },
};
