import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const BUILD = 'test/support/build-setup.ts';
const BUNDLE = 'test/crash/support/bundle-setup.ts';
const HOURS_MS = 7_200_000;

/** Files over storage of which `npm test` tries a sample of the writes to die at. */
const SAMPLED = readdirSync('test/storage', { recursive: true, encoding: 'utf8' })
  .map((name) => `test/storage/${name.replaceAll('\\', '/')}`)
  .filter((path) => path.endsWith('.test.ts') && readFileSync(path, 'utf8').includes('writesToDieAt'));

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
          name: 'storage-crash',
          include: SAMPLED,
          globalSetup: ['test/support/azurite-setup.ts'],
          setupFiles: ['test/support/seed-setup.ts'],
          env: { SPILLWAY_EVERY_WRITE: 'true' },
          isolate: false,
          maxWorkers: 3,
          testTimeout: 300_000,
          sequence: { groupOrder: 3 },
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
