import { basename } from 'node:path';
import { glob } from 'tinyglobby';
import type { TestProject } from 'vitest/node';
import { buildLocal } from '../../scripts/build/build.ts';
import { BINARIES, buildModules } from '../../scripts/build/modules.ts';

/** Builds the code that tests run as processes, before the first test and, in watch mode, after each change. */
export default async function setup(project: TestProject): Promise<void> {
  await build();
  project.onTestsRerun(build);
}

async function build(): Promise<void> {
  const handlers = await glob('test/support/handlers/*.ts');
  const entries = [...handlers, 'packages/local-aws/src/lambda/runtime.ts'].map((file) => [
    basename(file, '.ts'),
    file,
  ]);
  await Promise.all([buildLocal(), buildModules('test-handlers', BINARIES, Object.fromEntries(entries))]);
}
