import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import type { StoragePolicy } from '../../shared/storage/size-limits.ts';
import { openStorage, type Storage } from '../../shared/storage/storage.ts';

/** Storage of the run's Azurite, whose tables nobody else uses. The same `prefix` opens the same tables again. */
export function openTestStorage(options: { prefix?: string; policies?: readonly StoragePolicy[] } = {}): Storage {
  const { prefix = uniquePrefix(), policies = [] } = options;
  return openStorage({ connectionString: inject('azuriteConnectionString'), prefix, policies });
}

export function uniquePrefix(): string {
  return `t${randomBytes(6).toString('hex')}`;
}
