import { availableParallelism } from 'node:os';
import * as z from 'zod';
import { ENV } from '../core/env.ts';
import { parseRecipe, recipeId, type Recipe } from '../core/recipe.ts';

/** All that the worker is told by its environment. */
export interface Config {
  uploadBuckets: readonly string[];
  resultBucket: string;
  failureBucket: string;
  conversionQueueUrl: string;
  retryQueueUrl: string;
  retryQueueArn: string;
  deadLetterQueueUrl: string;
  idempotencyTable: string;
  recipe: Recipe;
  recipeId: string;
  maxAttempts: number;
  /** Conversions at the same time. */
  conversions: number;
  /** Records of a batch in hand at the same time: while some convert, others wait for S3. */
  inFlight: number;
  logGroup: string;
  logStream: string;
}

const text = z.string({ error: 'is not set' }).min(1, 'is empty');
const count = z.coerce.number().int().min(1);

const schema = z.object({
  [ENV.uploadBuckets]: text.transform((list) => list.split(',').map((name) => name.trim())),
  [ENV.resultBucket]: text,
  [ENV.failureBucket]: text,
  [ENV.conversionQueueUrl]: text,
  [ENV.retryQueueUrl]: text,
  [ENV.retryQueueArn]: text,
  [ENV.deadLetterQueueUrl]: text,
  [ENV.idempotencyTable]: text,
  [ENV.recipe]: text.transform((json, context) => {
    try {
      return parseRecipe(json);
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
      return z.NEVER;
    }
  }),
  [ENV.maxAttempts]: count,
  [ENV.conversions]: count.optional(),
  AWS_LAMBDA_LOG_GROUP_NAME: z.string().default(''),
  AWS_LAMBDA_LOG_STREAM_NAME: z.string().default(''),
});

/** Three objects in hand for each conversion keep the cores busy while others wait for S3 (docs/performance.md). */
const IN_FLIGHT_PER_CONVERSION = 3;

/**
 * Reads the worker's configuration.
 * @throws Error with one line for each variable that is missing or wrong
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const parsed = schema.safeParse(env);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')} ${issue.message}`);
    throw new Error(`The worker's environment is not usable:\n${lines.join('\n')}`);
  }
  const value = parsed.data;
  const conversions = value[ENV.conversions] ?? availableParallelism();
  return {
    uploadBuckets: value[ENV.uploadBuckets],
    resultBucket: value[ENV.resultBucket],
    failureBucket: value[ENV.failureBucket],
    conversionQueueUrl: value[ENV.conversionQueueUrl],
    retryQueueUrl: value[ENV.retryQueueUrl],
    retryQueueArn: value[ENV.retryQueueArn],
    deadLetterQueueUrl: value[ENV.deadLetterQueueUrl],
    idempotencyTable: value[ENV.idempotencyTable],
    recipe: value[ENV.recipe],
    recipeId: recipeId(value[ENV.recipe]),
    maxAttempts: value[ENV.maxAttempts],
    conversions,
    inFlight: conversions * IN_FLIGHT_PER_CONVERSION,
    logGroup: value.AWS_LAMBDA_LOG_GROUP_NAME,
    logStream: value.AWS_LAMBDA_LOG_STREAM_NAME,
  };
}
