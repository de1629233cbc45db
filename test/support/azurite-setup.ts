import type { TestProject } from 'vitest/node';
import { startMemoryAzurite } from '../../local/azurite/memory-azurite.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Connection string of an in-memory Azurite (tables only) that all test files of the run share. Use tables with names of your own. */
    azuriteConnectionString: string;
  }
}

/** Vitest global set-up: starts an in-memory Azurite on a free port and ends it after the run. */
export async function setup(project: TestProject): Promise<() => void> {
  const azurite = await startMemoryAzurite();
  project.provide('azuriteConnectionString', azurite.connectionString);
  return () => azurite.stop();
}
