import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import type { TestProject } from 'vitest/node';
import { identifyProcess } from '../../../local/process-identity.ts';
import { PROJECT_PATH } from '../../support/local-host.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Folder of the app as two files, `mortal-app.js` and `main.js`. */
    mortalAppPath: string;
  }
}

const PREFIX = 'spillway-crash-';

/**
 * Vitest global set-up: puts the compiled app and the process that dies with it into a few files. Some hundred lives begin
 * in a run of these tests, and each would look for some hundred modules otherwise.
 */
export async function setup(project: TestProject): Promise<() => void> {
  removeLeftovers();
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  // Also at the signals that end vitest.
  process.once('exit', remove);
  const bundle = await rolldown({
    input: {
      'mortal-app': join(import.meta.dirname, 'mortal-app.mjs'),
      main: join(PROJECT_PATH, 'dist/functions/main.js'),
    },
    platform: 'node',
    // The host provides it.
    external: ['@azure/functions-core'],
    logLevel: 'silent',
  });
  await bundle.write({ dir: folder });
  copyFileSync(join(PROJECT_PATH, 'host.json'), join(folder, 'host.json'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', main: 'main.js' }));
  project.provide('mortalAppPath', folder);
  return remove;
}

/** Removes what runs have left that were killed. */
function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Number.NaN;
    if (pid > 0 && !identifyProcess(pid)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}
