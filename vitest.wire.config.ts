import { defineConfig } from 'vitest/config';

// Searches that fail look up names that do not exist. Where DNS is slow to say so, four threads would make every other
// name wait for them; the processes of the tests inherit this.
process.env['UV_THREADPOOL_SIZE'] ??= '64';

/**
 * The wire against hostile answers and against every kind of server: minutes instead of seconds, so it is no part of
 * `npm test`.
 */
export default defineConfig({
  test: {
    include: ['test/wire/**/*.test.ts'],
    reporters: ['default', './test/support/closing-line-reporter.ts'],
    globalSetup: ['./test/support/check-node-version.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
