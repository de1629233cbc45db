import { pathToFileURL } from 'node:url';
import type { StoragePolicy } from '../storage/size-limits.ts';

/**
 * Loads the storage client's extra pipeline steps from the module that SPILLWAY_STORAGE_HOOK names (a path, relative to
 * the working directory). For tests only: a step can answer 503 or 412 itself, or cut the connection after a write.
 * Throws when the module can't be loaded or exports no array `policies`; no hook gives no steps.
 */
export async function loadStoragePolicies(hookPath: string | undefined): Promise<readonly StoragePolicy[]> {
  if (hookPath === undefined) return [];
  const hook = (await import(pathToFileURL(hookPath).href)) as { policies?: unknown };
  if (!isPolicies(hook.policies)) {
    throw new TypeError('The module that SPILLWAY_STORAGE_HOOK names exports no `policies: StoragePolicy[]`');
  }
  return hook.policies;
}

function isPolicies(value: unknown): value is StoragePolicy[] {
  return Array.isArray(value) && value.every((each) => typeof each?.sendRequest === 'function');
}
