import { defineConfig } from 'vitest/config';

const AZURITE = 'test/support/azurite-setup.ts';

/**
 * Each kind of test is a folder under test/ and a project of this name: `npx vitest run --project unit`. The quick kinds run
 * first; those that start hosts of their own mostly wait, so three of them share two cores.
 */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], sequence: { groupOrder: 0 } } },
      { test: { name: 'property', include: ['test/property/**/*.test.ts'], sequence: { groupOrder: 0 } } },
      {
        test: {
          name: 'storage',
          include: ['test/storage/**/*.test.ts'],
          globalSetup: [AZURITE],
          testTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'host',
          include: ['test/host/**/*.test.ts'],
          globalSetup: [AZURITE],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 3,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'story',
          include: ['test/story/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 60_000,
          maxWorkers: 3,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'crash',
          include: ['test/crash/{cascade,customer}.test.ts'],
          maxWorkers: 1,
          globalSetup: ['test/crash/support/bundle-setup.ts'],
          testTimeout: 900_000,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
