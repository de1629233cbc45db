import { defineConfig } from 'vitest/config';

const BUILD = 'test/support/build-setup.ts';
const BUNDLE = 'test/crash/support/bundle-setup.ts';
const HOURS_MS = 7_200_000;

/** `npm run test:long`: what takes minutes, and properties that draw from a seed of this run. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'properties',
          include: [
            'test/property/**/*.test.ts',
            'test/storage/**/{counts,hq-appliers,inherited-access}.test.ts',
            'test/host/durable/kill.test.ts',
          ],
          globalSetup: [BUILD, 'test/support/new-seed-setup.ts', 'test/support/azurite-setup.ts'],
          setupFiles: ['test/support/seed-setup.ts'],
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'crash',
          include: ['test/crash/every-write.test.ts'],
          globalSetup: [BUILD, BUNDLE],
          testTimeout: HOURS_MS,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'deaths',
          include: ['test/crash/random-writes.test.ts'],
          globalSetup: [BUILD, BUNDLE],
          testTimeout: HOURS_MS,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
