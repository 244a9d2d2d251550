import { defineConfig } from 'vitest/config';

/** All tests that need neither a browser nor anything beside this folder. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/browser/**', 'test/conformance/**', 'test/wire/**'],
    reporters: ['default', './test/support/closing-line-reporter.ts'],
    globalSetup: ['./test/support/check-node-version.ts'],
    setupFiles: ['./test/support/repair-write-head.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
