/** `npm run --silent token -- --role …` prints a bearer token and nothing else. */

import { parseTokenArgs } from './args.ts';
import { runCommand } from './command.ts';
import { openDataFolder } from './data-folder.ts';
import { authSettings, mintToken } from './mint-token.ts';
import { withLocalSettings } from './settings.ts';
import { openSigningKey } from './signing-key.ts';

await runCommand(async () => {
  const request = parseTokenArgs(process.argv.slice(2));
  const projectPath = process.cwd();
  const env = withLocalSettings(projectPath, process.env);
  const key = await openSigningKey(openDataFolder(projectPath, env).signingKey);
  console.log(await mintToken(request, key, authSettings(env, key), Date.now()));
});
