import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { ENV } from '../../src/core/env.ts';
import { readConfig } from '../../src/worker/config.ts';

const usable = {
  [ENV.uploadBuckets]: 'uploads, scans',
  [ENV.resultBucket]: 'results',
  [ENV.failureBucket]: 'failures',
  [ENV.conversionQueueUrl]: 'http://q/conversion',
  [ENV.retryQueueUrl]: 'http://q/retry',
  [ENV.retryQueueArn]: 'arn:aws:sqs:us-east-1:0:retry',
  [ENV.deadLetterQueueUrl]: 'http://q/dead',
  [ENV.idempotencyTable]: 'table',
  [ENV.recipe]: '{"renditions":[{"name":"thumb","width":320}]}',
  [ENV.generation]: '3',
  [ENV.maxAttempts]: '5',
};

describe("the worker's configuration", () => {
  it('is read only from its environment', () => {
    const config = readConfig({ ...usable, [ENV.conversions]: '2', AWS_LAMBDA_LOG_STREAM_NAME: 'stream' });
    expect(config).toMatchObject({
      uploadBuckets: ['uploads', 'scans'],
      maxAttempts: 5,
      generation: 3,
      conversions: 2,
      inFlight: 6,
      logStream: 'stream',
    });
    expect(config.recipe.renditions[0]?.name).toBe('thumb');
  });

  it('by default, uses all cores, and the name of its function', () => {
    expect(readConfig(usable)).toMatchObject({
      conversions: availableParallelism(),
      inFlight: 3 * availableParallelism(),
      functionName: 'worker',
      logGroup: '',
      logStream: '',
    });
    const lambda = {
      AWS_LAMBDA_FUNCTION_NAME: 'stack-worker',
      AWS_LAMBDA_LOG_GROUP_NAME: 'group',
      AWS_LAMBDA_LOG_STREAM_NAME: 'stream',
    };
    expect(readConfig({ ...usable, ...lambda })).toMatchObject({
      functionName: 'stack-worker',
      logGroup: 'group',
      logStream: 'stream',
    });
  });

  it('does not require an idempotency table', () => {
    const { [ENV.idempotencyTable]: _table, ...rest } = usable;
    expect(readConfig(rest).idempotencyTable).toBeUndefined();
    expect(() => readConfig({ ...rest, [ENV.idempotencyTable]: '' })).toThrow(
      `${ENV.idempotencyTable} is empty`,
    );
  });

  it('names all missing or invalid variables at once', () => {
    const { [ENV.resultBucket]: _missing, ...rest } = usable;
    const wrong = {
      ...rest,
      [ENV.maxAttempts]: 'many',
      [ENV.recipe]: '{"limits":{"pixels":0}}',
      [ENV.failureBucket]: '',
      [ENV.generation]: '0',
    };
    expect(() => readConfig(wrong)).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(
          /MILLRACE_RESULT_BUCKET is not set[^]*MILLRACE_FAILURE_BUCKET is empty[^]*MILLRACE_RECIPE limits\.pixels[^]*MILLRACE_GENERATION is below 1[^]*MILLRACE_MAX_ATTEMPTS/,
        ),
      }),
    );
  });
});
