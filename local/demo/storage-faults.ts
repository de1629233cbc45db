/**
 * A hook for the storage client (SPILLWAY_STORAGE_HOOK): while the file that SPILLWAY_FAULTS_FILE names exists, writes to
 * the tables that it lists (words, by the beginning of their names) are answered 503 before they reach the service.
 */
import { readFileSync } from 'node:fs';
import { RestError } from '@azure/data-tables';
import type { StoragePolicy } from '../../shared/storage/size-limits.ts';

const faultsFile = process.env.SPILLWAY_FAULTS_FILE ?? '';

/** The tables that fail just now. */
function failingTables(): string[] {
  try {
    return readFileSync(faultsFile, 'utf8').split(/\s+/).filter(Boolean);
  } catch {
    return [];
  }
}

const busyPolicy: StoragePolicy = {
  name: 'spillwayFaults',
  sendRequest(request, next) {
    if (request.method === 'GET') return next(request);
    const written = `${request.url}\n${typeof request.body === 'string' ? request.body.slice(0, 600) : ''}`;
    if (!failingTables().some((table) => written.includes(`/${table}`))) return next(request);
    throw new RestError('The server is busy', { statusCode: 503, code: 'ServerBusy', request });
  },
};

/** What the composition root adds to the storage client. */
export const policies: readonly StoragePolicy[] = [busyPolicy];
