import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { TIME_LIMIT } from './test/support/time-limit.ts';

/** What all projects inherit. */
export const COMMON = {
  // A file whose tests take longer calls `takesLong`.
  testTimeout: TIME_LIMIT,
  hookTimeout: TIME_LIMIT,
  env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  maxWorkers: 2,
};

/** The tests of whole processes and of pages in browsers. */
const WHOLE = ['test/e2e/**/*.test.ts', 'test/browser/**/*.test.ts'];
/** The tests that run the code of the Lambda functions, which takes the longest to build. */
const DEPLOYED = ['test/cdk/**/*.test.ts', 'test/docs/events.test.ts', 'test/worker/contract.test.ts'];
export const TEST_FILES = ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'];

export const BUILDS_LOCAL = './test/support/build-local.ts';
export const BUILDS_DEPLOYED = './test/support/build-deployed.ts';

/** Returns a project that builds what its tests need, if one of them runs. */
function project(
  name: string,
  files: { include: string[]; exclude?: string[] },
  globalSetup: string[],
): TestProjectInlineConfiguration {
  const exclude = [...configDefaults.exclude, ...(files.exclude ?? [])];
  return { test: { ...COMMON, name, include: files.include, exclude, globalSetup } };
}

export default defineConfig({
  test: {
    projects: [
      project('parts', { include: TEST_FILES, exclude: [...WHOLE, ...DEPLOYED] }, [BUILDS_LOCAL]),
      project('whole', { include: WHOLE }, [BUILDS_LOCAL]),
      project('deployed', { include: DEPLOYED }, [BUILDS_LOCAL, BUILDS_DEPLOYED]),
    ],
    maxWorkers: COMMON.maxWorkers,
    reporters: ['default', './test/support/left-out-reporter.ts'],
  },
});
