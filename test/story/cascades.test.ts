import { afterAll, beforeAll, describe, it } from 'vitest';
import { playAssignStory } from '../../local/demo/assign-story.ts';
import { playPluginStory } from '../../local/demo/plugin-story.ts';
import { startStoryHost, type ToldHost } from './story-host.ts';

let told: ToldHost;
beforeAll(async () => {
  told = await startStoryHost();
});
afterAll(() => told?.dispose());

describe('C4 C6 C11 C12 C15 C18 C20 C21 E5 the story of an account with 3,000 contacts', () => {
  it('ends with each record changed as often as its jobs say, whatever is killed, disabled, removed or busy meanwhile', () =>
    playAssignStory({ contacts: 3_000, host: told.host, tell: () => undefined }));
});

describe('C10 C19 the story of the two example plug-ins', () => {
  it('pauses the job that one of them refuses records of, names them, and completes once they are mended or skipped', () =>
    playPluginStory({ host: told.host, tell: () => undefined }));
});
