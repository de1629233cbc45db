import { join } from 'node:path';
import { defineConfig } from 'vite';

/** What GET /ui replaces in each answer (functions/web/get-ui.ts). */
const NONCE_PLACE = 'nonce-of-this-answer';

export default defineConfig({
  root: import.meta.dirname,
  base: '/api/ui/',
  html: { cspNonce: NONCE_PLACE },
  build: {
    outDir: join(import.meta.dirname, '..', 'dist', 'web'),
    emptyOutDir: true,
    manifest: 'manifest.json',
    target: 'es2022',
    // A file that is written into another one as a data: address would need a wider policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      onLog(level, log, next) {
        // Fluent's marks for servers that render React; there is no such server.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') next(level, log);
      },
    },
  },
});
