import { join } from 'node:path';
import * as z from 'zod';
import { defined } from '../core/defined.ts';
import { PAGES_FILE } from '../core/pages-file.ts';
import type { Deployment } from '../core/deployment.ts';
import { deploymentOf, deploymentVariables } from '../core/deployment-variables.ts';
import { ENV } from '../core/env.ts';
import { parseEnvironment, textVariable } from '../core/environment.ts';
import type { Recipe } from '../core/recipe.ts';

/** The API's configuration from its environment. */
export interface ApiConfig {
  recipe: Recipe;
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
  ...deploymentVariables,
  // Where Lambda unpacks the code.
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
  const deadLetterAlarm = value[ENV.deadLetterAlarm];
  return {
    recipe: value[ENV.recipe],
    pagesFile: join(value.LAMBDA_TASK_ROOT, PAGES_FILE),
    workerFunction: value[ENV.workerFunction],
    redriveFunction: value[ENV.redriveFunction],
    ...defined({ deadLetterAlarm }),
    deployment: { ...deploymentOf(value), ...defined({ deadLetterAlarm }) },
  };
}
