import { ENV } from '../src/core/env.ts';
import type { ConversionPipeline } from './conversion-pipeline.ts';

/** What the functions beside the pipeline are told of it. */
export function pipelineEnvironment(pipeline: ConversionPipeline): Record<string, string> {
  return {
    [ENV.uploadBuckets]: pipeline.uploadBuckets.map(({ bucketName }) => bucketName).join(','),
    [ENV.resultBucket]: pipeline.resultBucket.bucketName,
    [ENV.failureBucket]: pipeline.failureBucket.bucketName,
    [ENV.conversionQueueUrl]: pipeline.conversionQueue.queueUrl,
    [ENV.retryQueueUrl]: pipeline.retryQueue.queueUrl,
    [ENV.deadLetterQueueUrl]: pipeline.deadLetterQueue.queueUrl,
    [ENV.recipe]: JSON.stringify(pipeline.recipe),
    [ENV.generation]: pipeline.generation,
  };
}
