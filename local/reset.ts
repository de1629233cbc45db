/** `npm run reset` empties the data folder. Refuses while a host runs on it. */

import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseNoArgs } from './args.ts';
import { endAzurite } from './azurite/azurite-process.ts';
import { runCommand } from './command.ts';
import { DATA_FILES, openDataFolder } from './data-folder.ts';
import { claimDataFolder } from './host-claim.ts';
import { withLocalSettings } from './settings.ts';

await runCommand(async () => {
  parseNoArgs(process.argv.slice(2), 'npm run reset');
  const projectPath = process.cwd();
  const folder = openDataFolder(projectPath, withLocalSettings(projectPath, process.env));
  const release = claimDataFolder(folder.hostFile, folder.path);
  try {
    await endAzurite(folder);
    const names = readdirSync(folder.path).filter((name) => DATA_FILES.test(name));
    for (const name of names) {
      if (join(folder.path, name) !== folder.hostFile)
        rmSync(join(folder.path, name), { recursive: true, force: true });
    }
  } finally {
    release();
  }
  console.log(`The data in ${folder.path} is gone. The signing key stays, so tokens stay good.`);
});
