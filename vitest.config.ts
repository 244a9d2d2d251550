import { defineConfig } from 'vitest/config';

/** All tests that need neither a browser nor anything beside this folder. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/browser/**', 'test/conformance/**', 'test/wire/**'],
    reporters: ['default', './test/support/closing-line-reporter.ts'],
    globalSetup: ['./test/support/check-node-version.ts'],
    setupFiles: ['./test/support/repair-write-head.ts'],
    // Half of the time goes into waiting for processes and sockets, and a machine of two cores would get one worker.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
