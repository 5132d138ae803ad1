import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { ENV } from '../src/core/env.ts';
import type { Recipe } from '../src/core/recipe.ts';

/** The environment of the functions that operate the pipeline. */
export interface DescribedPipeline {
  readonly uploadBuckets: readonly IBucket[];
  readonly resultBucket: IBucket;
  readonly failureBucket: IBucket;
  readonly conversionQueue: Queue;
  readonly retryQueue: Queue;
  readonly deadLetterQueue: Queue;
  readonly recipe: Recipe;
  readonly generation: string;
}

/**
 * Returns the environment variables that describe the pipeline to the functions beside it.
 * @param generation the pipeline's generation, as available in the functions' stack
 */
export function pipelineEnvironment(
  pipeline: DescribedPipeline,
  generation = pipeline.generation,
): Record<string, string> {
  return {
    [ENV.uploadBuckets]: pipeline.uploadBuckets.map(({ bucketName }) => bucketName).join(','),
    [ENV.resultBucket]: pipeline.resultBucket.bucketName,
    [ENV.failureBucket]: pipeline.failureBucket.bucketName,
    [ENV.conversionQueueUrl]: pipeline.conversionQueue.queueUrl,
    [ENV.retryQueueUrl]: pipeline.retryQueue.queueUrl,
    [ENV.deadLetterQueueUrl]: pipeline.deadLetterQueue.queueUrl,
    [ENV.recipe]: JSON.stringify(pipeline.recipe),
    [ENV.generation]: generation,
  };
}
