import { afterAll, beforeAll, describe, it } from 'vitest';
import { playStory } from '../../local/demo/customer-story.ts';
import { playFaqStory } from '../../local/demo/faq-story.ts';
import { startStoryHost, type ToldHost } from './story-host.ts';

let told: ToldHost;
beforeAll(async () => {
  told = await startStoryHost();
});
afterAll(() => told?.dispose());

describe('E5 A5 A6 A7 A9 A11 A14 the story of 170 customers', () => {
  it('ends with every accepted change applied exactly once, in order, although the host is killed in each phase', () =>
    playStory({ customers: 170, host: told.host, tell: () => undefined, progress: () => undefined }));
});

describe('A1 A2 A3 A6 A8 A9 A13 the four questions about asynchronous customer mode', () => {
  it('are each brought about, explained with the code that fits, and settled by what the explanation says', () =>
    playFaqStory({ host: told.host, tell: () => undefined }));
});
