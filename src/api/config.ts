import { join } from 'node:path';
import * as z from 'zod';
import { PAGES_FILE } from '../core/pages-file.ts';
import type { Deployment } from '../core/deployment.ts';
import { ENV } from '../core/env.ts';
import { listVariable, parseEnvironment, recipeVariable, textVariable } from '../core/environment.ts';
import { recipeId, type Recipe } from '../core/recipe.ts';

/** All that the API is told by its environment. */
export interface ApiConfig {
  recipe: Recipe;
  /** Without `apiUrl`: a function that knew its own address could not be created before it has one. */
  deployment: Deployment;
  /** Path of the pages, as JSON: beside the function's code. */
  pagesFile: string;
  /** Names of functions: the worker, and the runner of redrives. */
  workerFunction: string;
  redriveFunction: string;
  /** Name of the alarm on dead letters. */
  deadLetterAlarm?: string;
}

const schema = z.object({
  [ENV.uploadBuckets]: listVariable,
  [ENV.resultBucket]: textVariable,
  [ENV.failureBucket]: textVariable,
  [ENV.conversionQueueUrl]: textVariable,
  [ENV.retryQueueUrl]: textVariable,
  [ENV.deadLetterQueueUrl]: textVariable,
  [ENV.recipe]: recipeVariable,
  // Where Lambda has unpacked the code.
  LAMBDA_TASK_ROOT: textVariable,
  [ENV.workerFunction]: textVariable,
  [ENV.redriveFunction]: textVariable,
  [ENV.deadLetterAlarm]: z.string().min(1, 'is empty').optional(),
});

/**
 * Reads the API's configuration.
 * @throws Error with one line for each variable that is missing or wrong
 */
export function readApiConfig(env: Readonly<Record<string, string | undefined>>): ApiConfig {
  const value = parseEnvironment(schema, env, 'API');
  const recipe = value[ENV.recipe];
  const deadLetterAlarm = value[ENV.deadLetterAlarm];
  return {
    recipe,
    pagesFile: join(value.LAMBDA_TASK_ROOT, PAGES_FILE),
    workerFunction: value[ENV.workerFunction],
    redriveFunction: value[ENV.redriveFunction],
    ...(deadLetterAlarm === undefined ? {} : { deadLetterAlarm }),
    deployment: {
      uploadBuckets: value[ENV.uploadBuckets],
      resultBucket: value[ENV.resultBucket],
      failureBucket: value[ENV.failureBucket],
      conversionQueueUrl: value[ENV.conversionQueueUrl],
      retryQueueUrl: value[ENV.retryQueueUrl],
      deadLetterQueueUrl: value[ENV.deadLetterQueueUrl],
      renditions: recipe.renditions.map(({ name }) => name),
      recipeId: recipeId(recipe),
      ...(deadLetterAlarm === undefined ? {} : { deadLetterAlarm }),
    },
  };
}
