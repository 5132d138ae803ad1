import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import type { Reporter, Vitest } from 'vitest/node';
import { sliceOf, STATIC } from './scripts/mutation/slices.js';
import { warmThread } from './scripts/mutation/warm-thread.ts';
import base from './vitest.config.ts';

const slice = sliceOf(process.env['MUTATION_SLICE'] ?? 'core');

const only = process.env['MUTATION_TESTS']?.split(',');

/** Stryker asks for threads, each of which would load every package again. */
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
 * Makes a file of tests that cannot be loaded, or cannot be set up, an error of the run: Stryker looks at tests only,
 * of which such a file has none.
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

/** The tests of a slice of mutation testing, one after the other. */
export default defineConfig({
  ...base,
  plugins: [staysWarm],
  // The link in node_modules leads to the package of the checkout, which has no mutants.
  resolve: {
    alias: [
      { find: /^@millrace\/local-aws$/, replacement: fileInPackage('index') },
      { find: /^@millrace\/local-aws\/(.*)$/, replacement: fileInPackage('$1') },
    ],
  },
  test: {
    ...base.test,
    include: only ?? [...slice.tests],
    exclude: only === undefined ? (slice.without ?? []) : [],
    isolate: STATIC,
    // Stryker's set-up switches to the mutant of each run. It lies below node_modules, so vitest would leave it to
    // Node, which loads it only once in the life of a thread.
    server: { deps: { inline: [/stryker-setup/] } },
    maxWorkers: 1,
    reporters: [brokenFilesCount()],
  },
});
