import type * as z from 'zod';
import type { Deployment } from './deployment.ts';
import { ENV } from './env.ts';
import { countVariable, listVariable, recipeVariable, textVariable } from './environment.ts';
import { recipeId } from './recipe.ts';
import { resultNamesOf } from './rules.ts';

/** The environment variables that describe a function's pipeline, which are part of each function's schema. */
export const deploymentVariables = {
  [ENV.uploadBuckets]: listVariable,
  [ENV.resultBucket]: textVariable,
  [ENV.failureBucket]: textVariable,
  [ENV.conversionQueueUrl]: textVariable,
  [ENV.retryQueueUrl]: textVariable,
  [ENV.deadLetterQueueUrl]: textVariable,
  [ENV.recipe]: recipeVariable,
  [ENV.generation]: countVariable,
};

type Read = { [Name in keyof typeof deploymentVariables]: z.infer<(typeof deploymentVariables)[Name]> };

/**
 * The deployment that these variables are of. A function that knew its API's address could not be created before it.
 */
export function deploymentOf(value: Read): Deployment {
  const recipe = value[ENV.recipe];
  return {
    uploadBuckets: value[ENV.uploadBuckets],
    resultBucket: value[ENV.resultBucket],
    failureBucket: value[ENV.failureBucket],
    conversionQueueUrl: value[ENV.conversionQueueUrl],
    retryQueueUrl: value[ENV.retryQueueUrl],
    deadLetterQueueUrl: value[ENV.deadLetterQueueUrl],
    ...resultNamesOf(recipe),
    recipeId: recipeId(recipe),
    generation: value[ENV.generation],
    ignore: recipe.ignore,
    whenDeleted: recipe.whenDeleted,
  };
}
