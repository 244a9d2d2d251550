import { defineConfig } from 'vitest/config';

/**
 * Checks against the schemas an Exchange server offers. They are reference data that stands beside the clone
 * (../shared/ews-schema) and want `xmllint` (Debian: libxml2-utils), so they are no part of `npm test`.
 */
export default defineConfig({ test: { include: ['test/conformance/**/*.test.ts'] } });
