import { globsIn, sliceOf, STATIC } from './scripts/mutation/slices.js';

// `npm run mutation -- SLICE` sets these.
const name = process.env.MUTATION_SLICE ?? 'core';
const slice = sliceOf(name);
const { MUTATION_FILES: files } = process.env;

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  plugins: ['@stryker-mutator/vitest-runner', './scripts/mutation/texts.js'],
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.ts', related: false },
  mutate: files === undefined ? slice.mutate : globsIn(files),
  ignorers: ['texts'],
  coverageAnalysis: 'perTest',
  ignoreStatic: !STATIC,
  incremental: true,
  incrementalFile: `reports/mutation/${name}.incremental.json`,
  reporters: ['clear-text', 'json', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportScoreTable: false },
  jsonReporter: { fileName: `reports/mutation/${name}.json` },
  concurrency: Number(process.env.MUTATION_CONCURRENCY ?? 2),
  timeoutMS: 20_000,
  timeoutFactor: 2,
  ignorePatterns: ['reports', 'dist', 'coverage', 'cdk.out', '.millrace'],
  // Stryker reads it only to rewrite paths that leave the sandbox. There are none, and it needs an older TypeScript.
  tsconfigFile: 'none',
  // Not in node_modules, where Node runs no TypeScript: tests load configuration files from the sandbox.
  tempDirName: 'reports/mutation/sandbox',
};
