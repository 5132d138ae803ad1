import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
    globalSetup: './test/support/build.ts',
    // Only stop tests that hang; they say nothing about speed. A file whose tests take longer calls `takesLong`.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    maxWorkers: 2,
    reporters: ['default', './test/support/left-out-reporter.ts'],
  },
});
