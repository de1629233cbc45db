import { describe, it } from 'vitest';
import { playFaqStory } from '../../local/demo/faq-story.ts';
import { spawnLocalHost } from '../support/local-host.ts';

describe('A1 A2 A3 A6 A8 A9 A13 the four questions about asynchronous customer mode', () => {
  it('are each brought about, explained with the code that fits, and settled by what the explanation says', async () => {
    const host = await spawnLocalHost();
    try {
      await playFaqStory({
        host: {
          url: host.url,
          token: (role, channel) => host.token('--role', role, ...(channel ? ['--channel', channel] : [])),
        },
        tell: () => undefined,
      });
    } finally {
      await host.dispose();
    }
  });
});
