import { spawn } from 'node:child_process';
import { findPorts, LOOPBACK } from '../ports.ts';
import { azuriteProgram } from './azurite-program.ts';
import { azuriteConnectionString } from './connection-string.ts';

/** An Azurite of tables alone that keeps everything in memory: for tests and measurements. */
export interface MemoryAzurite {
  readonly connectionString: string;
  /** Ends it at once; nothing is kept. */
  stop(): void;
}

/** Ends the process soon after the one that started it, also where that one was killed. */
const END_WITH_PARENT =
  'const parent = process.ppid; setInterval(() => process.ppid === parent || process.exit(), 1000).unref();';

/** Starts one on a free port, and waits until it is ready. It ends with this process. */
export async function startMemoryAzurite(): Promise<MemoryAzurite> {
  const [table = 0] = await findPorts([{ port: 0 }]);
  const flags = ['--inMemoryPersistence', '--silent', '--skipApiVersionCheck', '--disableTelemetry'];
  const place = ['--tableHost', LOOPBACK, '--tablePort', String(table), '--tableKeepAliveTimeout', '300'];
  const preload = ['--import', `data:text/javascript,${encodeURIComponent(END_WITH_PARENT)}`];
  const azurite = spawn(process.execPath, [...preload, azuriteProgram('azurite-table'), ...flags, ...place], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    azurite.once('exit', (code) => reject(new Error(`Azurite ended with code ${code} before it was ready`)));
    azurite.stdout.on('data', (text: Buffer) => {
      if (/successfully (?:listens|started) on/.test(text.toString())) resolve();
    });
  });
  return {
    connectionString: azuriteConnectionString({ blob: table, queue: table, table }),
    stop() {
      azurite.removeAllListeners('exit');
      azurite.kill('SIGKILL');
    },
  };
}
