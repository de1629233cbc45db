import { StorageUnavailable } from '../../shared/storage/storage-errors.ts';
import type { Log } from '../log.ts';

const WAIT_MS = 250;

/**
 * Repeats a storage call for as long as the storage service can't be reached: the engine has nowhere else to go. The call
 * must know its own earlier success. Rejects with any other failure, and with the last one once `isStopped()`.
 */
export async function persist<T>(call: () => Promise<T>, log: Log, isStopped: () => boolean): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof StorageUnavailable) || isStopped()) throw error;
      if (attempt === 1) log({ level: 'warning', message: `Durable engine waits for storage: ${error.message}` });
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    }
  }
}
