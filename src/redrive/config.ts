import * as z from 'zod';
import type { Deployment } from '../core/deployment.ts';
import { ENV } from '../core/env.ts';
import { listVariable, parseEnvironment, recipeVariable, textVariable } from '../core/environment.ts';
import { recipeId } from '../core/recipe.ts';

/** All that the runner of redrives is told by its environment. */
export interface RunnerConfig {
  deployment: Deployment;
  /** Its own name, by which it invokes itself. */
  functionName: string;
}

const schema = z.object({
  [ENV.uploadBuckets]: listVariable,
  [ENV.resultBucket]: textVariable,
  [ENV.failureBucket]: textVariable,
  [ENV.conversionQueueUrl]: textVariable,
  [ENV.retryQueueUrl]: textVariable,
  [ENV.deadLetterQueueUrl]: textVariable,
  [ENV.recipe]: recipeVariable,
  // Set by Lambda.
  AWS_LAMBDA_FUNCTION_NAME: textVariable,
});

/**
 * Reads the runner's configuration.
 * @throws Error with one line for each variable that is missing or wrong
 */
export function readRunnerConfig(env: Readonly<Record<string, string | undefined>>): RunnerConfig {
  const value = parseEnvironment(schema, env, 'redrive runner');
  const recipe = value[ENV.recipe];
  return {
    functionName: value.AWS_LAMBDA_FUNCTION_NAME,
    deployment: {
      uploadBuckets: value[ENV.uploadBuckets],
      resultBucket: value[ENV.resultBucket],
      failureBucket: value[ENV.failureBucket],
      conversionQueueUrl: value[ENV.conversionQueueUrl],
      retryQueueUrl: value[ENV.retryQueueUrl],
      deadLetterQueueUrl: value[ENV.deadLetterQueueUrl],
      renditions: recipe.renditions.map(({ name }) => name),
      recipeId: recipeId(recipe),
    },
  };
}
