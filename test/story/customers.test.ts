import { describe, it } from 'vitest';
import { playStory } from '../../local/demo/customer-story.ts';
import { spawnLocalHost } from '../support/local-host.ts';

describe('E5 A5 A6 A7 A9 A11 A14 the story of 500 customers', () => {
  it('ends with every accepted change applied exactly once, in order, although the host is killed in each phase', async () => {
    const host = await spawnLocalHost();
    try {
      await playStory({
        customers: 500,
        host: {
          url: host.url,
          token: (role, channel) => host.token('--role', role, ...(channel ? ['--channel', channel] : [])),
          async killAndRestart() {
            await host.kill9();
            await host.restart();
          },
        },
        tell: () => undefined,
        progress: () => undefined,
      });
    } finally {
      await host.dispose();
    }
  });
});
