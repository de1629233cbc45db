/**
 * A hook for the storage client (SPILLWAY_STORAGE_HOOK) that makes the trouble which a story asks for in the file that
 * SPILLWAY_FAULTS_FILE names: writes to tables that fail are answered 503 before they reach the service; writes to a
 * table that is held wait once some went through, and the first of them leaves the file `<faults file>.held`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { RestError } from '@azure/data-tables';
import type { StoragePolicy } from '../../shared/storage/size-limits.ts';
import { type Faults, heldFile } from './story-faults.ts';

const faultsFile = process.env.SPILLWAY_FAULTS_FILE ?? '';
const LOOK_AGAIN_MS = 10;

/** What is to go wrong just now. */
function faults(): Faults {
  try {
    return JSON.parse(readFileSync(faultsFile, 'utf8')) as Faults;
  } catch {
    return {};
  }
}

let wentThrough = 0;

const faultsPolicy: StoragePolicy = {
  name: 'spillwayFaults',
  async sendRequest(request, next) {
    if (request.method === 'GET') return next(request);
    const written = `${request.url}\n${typeof request.body === 'string' ? request.body.slice(0, 600) : ''}`;
    const { fail, hold } = faults();
    if (fail && written.includes(`/${fail}`)) {
      throw new RestError('The server is busy', { statusCode: 503, code: 'ServerBusy', request });
    }
    if (!hold) wentThrough = 0;
    else if (written.includes(`/${hold.table}`) && wentThrough++ >= hold.after) {
      writeFileSync(heldFile(faultsFile), '');
      while (faults().hold) await sleep(LOOK_AGAIN_MS);
    }
    return next(request);
  },
};

/** What the composition root adds to the storage client. */
export const policies: readonly StoragePolicy[] = [faultsPolicy];
