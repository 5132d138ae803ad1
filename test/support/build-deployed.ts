import type { TestProject } from 'vitest/node';
import { buildFunctions } from '../../scripts/build/functions.ts';
import { bundlePages } from '../../scripts/build/pages.ts';

/** Builds the Lambda functions, before the first test and, in watch mode, after each change. */
export default async function setup(project: TestProject): Promise<void> {
  const build = async () => void (await buildFunctions(await bundlePages()));
  await build();
  project.onTestsRerun(build);
}
