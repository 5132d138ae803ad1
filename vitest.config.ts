import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { TIME_LIMIT } from './test/support/time-limit.ts';

/** Options of every project. */
export const COMMON = {
  // A file whose tests take longer calls `takesLong`.
  testTimeout: TIME_LIMIT,
  hookTimeout: TIME_LIMIT,
  env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
};

export const TEST_FILES = ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'];
/** The tests of whole processes and of pages in browsers. */
const WHOLE = ['test/e2e/**/*.test.ts', 'test/browser/**/*.test.ts'];
/**
 * The tests that run the code of the Lambda functions, which takes the longest to build. Another test that needs it would
 * run the code of an earlier build, and fail in a new checkout.
 */
const DEPLOYED = ['test/cdk/**/*.test.ts', 'test/docs/events.test.ts', 'test/worker/contract.test.ts'];

export const BUILDS_LOCAL = './test/support/build-local.ts';
export const BUILDS_DEPLOYED = './test/support/build-deployed.ts';

function project(
  name: string,
  include: string[],
  { exclude = [], ...options }: TestProjectInlineConfiguration['test'] & {} = {},
): TestProjectInlineConfiguration {
  return { test: { ...COMMON, name, include, exclude: [...configDefaults.exclude, ...exclude], ...options } };
}

export default defineConfig({
  test: {
    projects: [
      project('parts', TEST_FILES, { exclude: [...WHOLE, ...DEPLOYED] }),
      project('whole', WHOLE),
      project('deployed', DEPLOYED, { globalSetup: BUILDS_DEPLOYED }),
    ],
    // Of every run, whichever projects its tests belong to.
    globalSetup: BUILDS_LOCAL,
    maxWorkers: 2,
    reporters: ['default', './test/support/left-out-reporter.ts'],
  },
});
