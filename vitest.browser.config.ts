import { defineConfig } from 'vitest/config';

/** `npm run test:browser`: the admin page in Chromium over a real local host, which all files share. */
export default defineConfig({
  test: {
    name: 'browser',
    include: ['test/browser/**/*.test.ts'],
    globalSetup: ['test/support/build-setup.ts'],
    isolate: false,
    maxWorkers: 1,
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
});
