import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const AZURITE = 'test/support/azurite-setup.ts';
const BUILD = 'test/support/build-setup.ts';
const SEED = 'test/support/seed-setup.ts';

/** Most tests wait for storage half of the time. */
const WORKERS = 3;
/** For machines that are busy with other things; what is slow is measured in bench/. */
const PATIENCE_MS = 60_000;

/** What takes longest begins first, so that no process is left with it in the end. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) =>
      ['/test/story/', '/test/crash/', '/test/host/', ''].findIndex((folder) => moduleId.includes(folder));
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}

/**
 * Each kind of test is a folder under test/ and a project of this name: `npx vitest run --project unit`. Files share
 * processes, as loading the app anew for each would take longer than most of them do. The quick kinds run first.
 */
export default defineConfig({
  test: {
    isolate: false,
    maxWorkers: WORKERS,
    testTimeout: PATIENCE_MS,
    hookTimeout: PATIENCE_MS,
    sequence: { sequencer: LongFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          setupFiles: [SEED, 'test/support/core-module-setup.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'property',
          include: ['test/property/**/*.test.ts'],
          setupFiles: [SEED],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'storage',
          include: ['test/storage/**/*.test.ts'],
          globalSetup: [AZURITE],
          setupFiles: [SEED],
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'host',
          include: ['test/host/**/*.test.ts'],
          globalSetup: [BUILD, AZURITE],
          setupFiles: [SEED],
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'story',
          include: ['test/story/**/*.test.ts'],
          globalSetup: [BUILD],
          testTimeout: 900_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'crash',
          include: ['test/crash/some-writes.test.ts'],
          globalSetup: [BUILD, 'test/crash/support/bundle-setup.ts'],
          testTimeout: 900_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
