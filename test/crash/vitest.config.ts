import { defineConfig } from 'vitest/config';

/** `npm run test:crash`: kills a host some hundred times, which takes many minutes; `npm test` has the cascade's part alone. */
export default defineConfig({
  test: {
    include: ['test/crash/*.test.ts'],
    globalSetup: ['test/crash/support/bundle-setup.ts'],
    fileParallelism: false,
    root: process.cwd(),
    testTimeout: 7_200_000,
  },
});
