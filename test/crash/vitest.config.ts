import { defineConfig } from 'vitest/config';

/** `npm run test:crash`: kills a host some hundred times, which takes a quarter of an hour, and so is no part of `npm test`. */
export default defineConfig({
  test: { include: ['test/crash/*.test.ts'], root: process.cwd(), testTimeout: 1_800_000, fileParallelism: false },
});
