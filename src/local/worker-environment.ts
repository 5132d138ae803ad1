import { resolve } from 'node:path';
import { defined } from '../core/defined.ts';
import { ENV } from '../core/env.ts';
import type { Recipe } from '../core/recipe.ts';
import { SETTINGS } from '../core/settings.ts';
import { BUCKETS, type Resources } from './resources.ts';

/** Returns the environment of the worker's processes. The deployment sets the same names. */
export function workerEnvironment(
  awsUrl: string,
  resources: Resources,
  recipe: Recipe,
  generation = 1,
  configFile?: string,
): Record<string, string> {
  return {
    [ENV.uploadBuckets]: BUCKETS.uploads,
    [ENV.resultBucket]: BUCKETS.results,
    [ENV.failureBucket]: BUCKETS.failures,
    [ENV.conversionQueueUrl]: resources.conversionQueue.url,
    [ENV.retryQueueUrl]: resources.retryQueue.url,
    [ENV.retryQueueArn]: resources.retryQueue.arn,
    [ENV.deadLetterQueueUrl]: resources.deadLetterQueue.url,
    ...defined({ [ENV.idempotencyTable]: resources.idempotencyTable }),
    [ENV.recipe]: JSON.stringify(recipe),
    ...defined({ [ENV.config]: configFile && resolve(configFile) }),
    [ENV.generation]: String(generation),
    [ENV.maxAttempts]: String(SETTINGS.maxReceiveCount),
    // There is one process per core, so a second conversion in a process would gain nothing.
    [ENV.conversions]: '1',
    AWS_ENDPOINT_URL: awsUrl,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  };
}
