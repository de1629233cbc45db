import { join } from 'node:path';
import { describe, it } from 'vitest';
import { playAssignStory } from '../../local/demo/assign-story.ts';
import { HostFaults } from '../../local/faults/host-faults.ts';
import { PROJECT_PATH, spawnLocalHost } from '../support/local-host.ts';

describe('C4 C6 C11 C12 C15 C18 C20 C21 E5 the story of an account with 5,000 contacts', () => {
  it('ends with each record changed as often as its jobs say, whatever is killed, disabled, removed or busy meanwhile', async () => {
    const faults = new HostFaults(join(PROJECT_PATH, 'dist'));
    const host = await spawnLocalHost({ env: faults.env });
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
          faults,
        },
        tell: () => undefined,
      });
    } finally {
      faults.end();
      await host.dispose();
    }
  });
});
