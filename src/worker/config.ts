import { availableParallelism } from 'node:os';
import * as z from 'zod';
import type { Deployment } from '../core/deployment.ts';
import { deploymentOf, deploymentVariables } from '../core/deployment-variables.ts';
import { ENV } from '../core/env.ts';
import { countVariable, parseEnvironment, textVariable } from '../core/environment.ts';
import type { Recipe } from '../core/recipe.ts';

/** The worker's configuration, read from its environment. */
export interface Config extends Deployment {
  retryQueueArn: string;
  /** Without a table, a duplicate that arrives during a conversion is converted too. */
  idempotencyTable: string | undefined;
  recipe: Recipe;
  maxAttempts: number;
  /** Concurrent conversions. */
  conversions: number;
  /** Records processed concurrently: while some convert, others wait for S3. */
  inFlight: number;
  /** Distinguishes the metrics of two deployments in one account. */
  functionName: string;
  logGroup: string;
  logStream: string;
}

const schema = z.object({
  ...deploymentVariables,
  [ENV.retryQueueArn]: textVariable,
  [ENV.idempotencyTable]: textVariable.optional(),
  [ENV.maxAttempts]: countVariable,
  [ENV.conversions]: countVariable.optional(),
  AWS_LAMBDA_FUNCTION_NAME: z.string().default('worker'),
  AWS_LAMBDA_LOG_GROUP_NAME: z.string().default(''),
  AWS_LAMBDA_LOG_STREAM_NAME: z.string().default(''),
});

/** Records per conversion: while one converts, two wait for S3. */
const IN_FLIGHT_PER_CONVERSION = 3;

/**
 * Reads the worker's configuration.
 * @throws Error with one line for each variable that is missing or wrong
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const value = parseEnvironment(schema, env, 'worker');
  const conversions = value[ENV.conversions] ?? availableParallelism();
  return {
    ...deploymentOf(value),
    retryQueueArn: value[ENV.retryQueueArn],
    idempotencyTable: value[ENV.idempotencyTable],
    recipe: value[ENV.recipe],
    maxAttempts: value[ENV.maxAttempts],
    conversions,
    inFlight: conversions * IN_FLIGHT_PER_CONVERSION,
    functionName: value.AWS_LAMBDA_FUNCTION_NAME,
    logGroup: value.AWS_LAMBDA_LOG_GROUP_NAME,
    logStream: value.AWS_LAMBDA_LOG_STREAM_NAME,
  };
}
