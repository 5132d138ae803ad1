import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import type { Reporter, Vitest } from 'vitest/node';
import { globsIn, sliceOf, STATIC } from './scripts/mutation/slices.js';
import { warmThread } from './scripts/mutation/warm-thread.ts';
import { BUILDS_DEPLOYED, BUILDS_LOCAL, COMMON } from './vitest.config.ts';

const slice = sliceOf(process.env['MUTATION_SLICE'] ?? 'core');

const builds = slice.build !== false && process.env['MUTATION_BUILD'] !== 'false';
const tests = process.env['MUTATION_TESTS'];
const only = tests === undefined ? undefined : globsIn(tests);

/** Replaces the threads that Stryker requests, each of which would load every package again. */
const staysWarm: Plugin = {
  name: 'warm-thread',
  configureVitest({ vitest, project }) {
    const pool = warmThread();
    project.config.pool = 'warm-thread';
    project.config.poolRunner = pool;
    vitest.onClose(() => pool.end());
  },
};

/**
 * Fails the run if a test file cannot be loaded or set up. Stryker only looks at tests, and such a file has none.
 */
function brokenFilesCount(): Reporter {
  let vitest: Vitest | undefined;
  return {
    onInit: (context) => void (vitest = context),
    onTestModuleEnd(module) {
      for (const error of module.errors()) vitest?.state.catchError(error, 'Broken Test File');
    },
  };
}

function fileInPackage(name: string): string {
  return `${import.meta.dirname}/packages/local-aws/src/${name}.ts`;
}

/** Runs the tests of a mutation testing slice, sequentially. */
export default defineConfig({
  plugins: [staysWarm],
  // The link in node_modules points to the package in the checkout, which has no mutants.
  resolve: {
    alias: [
      { find: /^@millrace\/local-aws$/, replacement: fileInPackage('index') },
      { find: /^@millrace\/local-aws\/(.*)$/, replacement: fileInPackage('$1') },
    ],
  },
  test: {
    ...COMMON,
    include: only ?? [...slice.tests],
    exclude: only === undefined ? (slice.without ?? []) : [],
    setupFiles: slice.setup ?? [],
    globalSetup: builds ? [BUILDS_LOCAL, BUILDS_DEPLOYED] : [],
    isolate: STATIC,
    // Stryker's setup file switches to the mutant of each run. It is in node_modules, so vitest would leave it to
    // Node, which loads it only once per thread.
    server: { deps: { inline: [/stryker-setup/] } },
    maxWorkers: 1,
    // Most tests would spend most of their time waiting for messages that do not come.
    env: { ...COMMON.env, SHORT_POLLS: 'true' },
    // A mutant that hangs a test costs this much time. No test takes nearly as long.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    reporters: [brokenFilesCount()],
  },
});
