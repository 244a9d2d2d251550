import { defineConfig } from 'vitest/config';

/** The demo page in Chromium: `chromium` on the PATH, or the variable CHROMIUM. */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    reporters: ['default', './test/support/closing-line-reporter.ts'],
    globalSetup: ['./test/support/check-node-version.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    // The steps build on each other: after the first that fails the others say nothing.
    bail: 1,
  },
});
