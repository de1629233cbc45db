import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { playAssignStory } from '../../local/demo/assign-story.ts';
import { PROJECT_PATH, spawnLocalHost } from '../support/local-host.ts';

describe('C4 C6 C11 C12 C15 C18 C20 C21 E5 the story of an account with 5,000 contacts', () => {
  it('ends with each record changed as often as its jobs say, whatever is killed, disabled, removed or busy meanwhile', async () => {
    const faultsFile = join(tmpdir(), `spillway-faults-${process.pid}`);
    const env = {
      SPILLWAY_STORAGE_HOOK: join(PROJECT_PATH, 'dist', 'local', 'demo', 'storage-faults.js'),
      SPILLWAY_FAULTS_FILE: faultsFile,
    };
    const host = await spawnLocalHost({ env });
    try {
      await playAssignStory({
        contacts: 5000,
        host: {
          url: host.url,
          token: (role) => host.token('--role', role),
          userToken: (user) => host.token('--role', 'User', '--user', user),
          async killAndRestart() {
            await host.kill9();
            await host.restart();
          },
          async failStorage(...tables) {
            if (tables.length > 0) writeFileSync(faultsFile, tables.join(' '));
            else rmSync(faultsFile, { force: true });
          },
        },
        tell: () => undefined,
      });
    } finally {
      await host.dispose();
      rmSync(faultsFile, { force: true });
    }
  });
});
