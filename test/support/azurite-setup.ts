import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Connection string of an in-memory Azurite (tables only) that all test files of the run share. Use tables with names of your own. */
    azuriteConnectionString: string;
  }
}

/** Well-known development account of the storage emulator; not a secret. */
const ACCOUNT = 'devstoreaccount1';
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** Vitest global set-up: starts an in-memory Azurite table service on a free port and ends it after the run. */
export async function setup(project: TestProject): Promise<() => void> {
  const port = await freePort();
  const script = createRequire(import.meta.url).resolve('azurite/dist/src/table/main.js');
  const azurite = spawn(
    process.execPath,
    [
      script,
      '--inMemoryPersistence',
      '--silent',
      '--skipApiVersionCheck',
      '--disableTelemetry',
      '--tableKeepAliveTimeout',
      '300',
      '--tableHost',
      '127.0.0.1',
      '--tablePort',
      String(port),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await new Promise<void>((resolve, reject) => {
    azurite.once('exit', (code) => reject(new Error(`Azurite ended with code ${code} before it was ready`)));
    azurite.stdout.on('data', (text: Buffer) => {
      if (text.toString().includes('successfully listens on')) resolve();
      if (text.toString().includes('successfully started on')) resolve();
    });
  });
  project.provide(
    'azuriteConnectionString',
    `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${KEY};TableEndpoint=http://127.0.0.1:${port}/${ACCOUNT};`,
  );
  return () => {
    azurite.removeAllListeners('exit');
    azurite.kill('SIGKILL');
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
