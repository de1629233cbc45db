import { defineConfig } from 'vitest/config';

/** `npm run test:crash`: what `npm test` has of them, and random deaths beside. */
export default defineConfig({
  test: {
    include: ['test/crash/*.test.ts'],
    globalSetup: ['test/crash/support/bundle-setup.ts'],
    fileParallelism: false,
    root: process.cwd(),
    testTimeout: 7_200_000,
  },
});
