import { describe, it } from 'vitest';
import { playPluginStory } from '../../local/demo/plugin-story.ts';
import { spawnLocalHost } from '../support/local-host.ts';

describe('C10 C19 the story of the two example plug-ins', () => {
  it('pauses the job that one of them refuses records of, names them, and completes once they are mended or skipped', async () => {
    const host = await spawnLocalHost();
    try {
      await playPluginStory({
        host: { url: host.url, token: (role) => host.token('--role', role) },
        tell: () => undefined,
      });
    } finally {
      await host.dispose();
    }
  });
});
