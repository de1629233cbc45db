/** Last step of `npm run build`: deletes compiled files whose source is gone, so that no old function is loaded. */

import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const projectPath = join(import.meta.dirname, '..', '..');
const distPath = join(projectPath, 'dist');

for (const folder of ['functions', 'orchestrations', 'shared', 'local', 'bench']) {
  const compiled = join(distPath, folder);
  if (!existsSync(compiled)) continue;
  for (const name of readdirSync(compiled, { recursive: true, encoding: 'utf8' })) {
    const [, source] = /^(.*)\.js(?:\.map)?$/.exec(name) ?? [];
    if (source !== undefined && !existsSync(join(projectPath, folder, `${source}.ts`))) rmSync(join(compiled, name));
  }
}
