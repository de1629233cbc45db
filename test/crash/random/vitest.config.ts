import { defineConfig } from 'vitest/config';

/** `npm run test:crash`: takes minutes, and is no part of `npm test`. */
export default defineConfig({
  test: { include: ['test/crash/random/**/*.test.ts'], root: process.cwd(), testTimeout: 1_800_000 },
});
