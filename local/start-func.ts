/** `npm run start:func`: Azurite as in `npm start`, and the real Functions host (Azure Functions Core Tools) on it. */

import { spawn } from 'node:child_process';
import { appEnvironment } from './app-environment.ts';
import { parseNoArgs } from './args.ts';
import { azuritePortWishes, openAzurite } from './azurite/open-azurite.ts';
import { runCommand } from './command.ts';
import { openDataFolder } from './data-folder.ts';
import { claimDataFolder } from './host-claim.ts';
import { DEFAULT_PORT } from './local-host.ts';
import { findPorts, parsePorts } from './ports.ts';
import { withLocalSettings } from './settings.ts';
import { onStopSignals } from './signals.ts';
import { openSigningKey } from './signing-key.ts';

await runCommand(async () => {
  parseNoArgs(process.argv.slice(2), 'npm run start:func');
  const projectPath = process.cwd();
  const settings = withLocalSettings(projectPath, process.env);
  const folder = openDataFolder(projectPath, settings);
  const release = claimDataFolder(folder.hostFile, folder.path);
  try {
    const key = await openSigningKey(folder.signingKey);
    const [port = DEFAULT_PORT] = await findPorts(parsePorts('SPILLWAY_PORT', settings.SPILLWAY_PORT, [DEFAULT_PORT]));
    const azurite = await openAzurite(folder, azuritePortWishes(settings), console.log);
    try {
      const { connectionString } = azurite;
      const hostName = `localhost:${port}`;
      process.exitCode = await runFunc(port, appEnvironment(settings, { connectionString, hostName, key, demo: true }));
    } finally {
      await azurite.stop();
    }
  } finally {
    release();
  }
});

/** Core Tools get Ctrl-C themselves, from the terminal; the signal only keeps this process from ending before them. */
function runFunc(port: number, env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const func = spawn('func', ['start', '--port', String(port)], { stdio: 'inherit', env });
    onStopSignals(
      () => func.kill('SIGINT'),
      () => func.kill('SIGKILL'),
    );
    func.once('exit', (code) => resolve(code ?? 0));
    func.once('error', () =>
      reject(
        new Error(
          'Azure Functions Core Tools ("func") are not installed: https://learn.microsoft.com/azure/azure-functions/functions-run-local ' +
            'tells how. npm start needs none of them.',
        ),
      ),
    );
  });
}
