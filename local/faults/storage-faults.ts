/**
 * A hook for the storage client (SPILLWAY_STORAGE_HOOK) that makes the trouble which the file SPILLWAY_FAULTS_FILE asks
 * for, as it is at each request (host-faults.ts). The first write that is held leaves the file `<faults file>.held`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { RestError } from '@azure/data-tables';
import type { StoragePolicy } from '../../shared/storage/size-limits.ts';
import { type Faults, heldFile } from './host-faults.ts';

type PipelineResponse = Awaited<ReturnType<StoragePolicy['sendRequest']>>;

const faultsFile = process.env.SPILLWAY_FAULTS_FILE ?? '';
const LOOK_AGAIN_MS = 10;
/** Of a transaction the table is named near its beginning. */
const TABLE_WITHIN = 600;

/** What is to go wrong just now. */
function faults(): Faults {
  try {
    return JSON.parse(readFileSync(faultsFile, 'utf8')) as Faults;
  } catch {
    return {};
  }
}

/** The place in a transaction (0 for a write by itself) of the first record that is poison; -1 for none. */
function poisonedAt(url: string, body: string, poison: readonly string[]): number {
  const parts = body.split(/content-type: application\/http/i).slice(1);
  const writes = parts.length > 0 ? parts : [url];
  return writes.findIndex((write) => poison.some((id) => write.includes(`RowKey='${id}'`)));
}

/** A read whose answer says that it was given so much later, also one that found nothing. */
async function readLater(read: () => Promise<PipelineResponse>, seconds: number): Promise<PipelineResponse> {
  try {
    const response = await read();
    tellLater(response, seconds);
    return response;
  } catch (error) {
    if (error instanceof RestError && error.response) tellLater(error.response, seconds);
    throw error;
  }
}

function tellLater({ headers }: PipelineResponse, seconds: number): void {
  const date = headers.get('date');
  if (seconds > 0 && date) headers.set('date', new Date(Date.parse(date) + seconds * 1000).toUTCString());
}

let wentThrough = 0;

const faultsPolicy: StoragePolicy = {
  name: 'spillwayFaults',
  async sendRequest(request, next) {
    const { poison = [], busy = [], slow = {}, hold, aheadSeconds = 0 } = faults();
    if (request.method === 'GET') return readLater(() => next(request), aheadSeconds);
    const body = typeof request.body === 'string' ? request.body : '';
    const index = poisonedAt(request.url, body, poison);
    if (index >= 0) {
      throw new RestError(`${index}:The record is poison.`, { statusCode: 400, code: 'InvalidInput', request });
    }
    const beginning = `${request.url}\n${body.slice(0, TABLE_WITHIN)}`;
    const isTo = (table: string) => beginning.includes(`/${table}`);
    if (busy.some(isTo)) throw new RestError('The server is busy', { statusCode: 503, code: 'ServerBusy', request });
    const slowMs = Object.entries(slow).find(([table]) => isTo(table))?.[1] ?? 0;
    if (slowMs > 0) await sleep(slowMs);
    if (!hold) wentThrough = 0;
    else if (`${request.url}\n${body}`.includes(hold.text) && wentThrough++ >= (hold.after ?? 0)) {
      writeFileSync(heldFile(faultsFile), '');
      while (faults().hold?.text === hold.text) await sleep(LOOK_AGAIN_MS);
    }
    return next(request);
  },
};

/** What the composition root adds to the storage client. */
export const policies: readonly StoragePolicy[] = [faultsPolicy];
