import { defineConfig } from 'vitest/config';
import { TIME_LIMIT } from './test/support/time-limit.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
    globalSetup: './test/support/build.ts',
    // A file whose tests take longer calls `takesLong`.
    testTimeout: TIME_LIMIT,
    hookTimeout: TIME_LIMIT,
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    maxWorkers: 2,
    reporters: ['default', './test/support/left-out-reporter.ts'],
  },
});
