import { describe, expect, it } from 'vitest';
import { ENV } from '../../src/core/env.ts';
import { readGuardConfig } from '../../src/guard/config.ts';

const ENVIRONMENT = {
  [ENV.uploadBuckets]: 'uploads,scans',
  [ENV.failureBucket]: 'failures',
  [ENV.deadLetterQueueUrl]: 'https://sqs.example/1/dead-letters',
};

describe("the expiry guard's configuration", () => {
  it('is read from its environment', () => {
    const config = {
      uploadBuckets: ['uploads', 'scans'],
      failureBucket: 'failures',
      deadLetterQueueUrl: 'https://sqs.example/1/dead-letters',
    };
    expect(readGuardConfig({ ...ENVIRONMENT, AWS_LAMBDA_FUNCTION_NAME: 'stack-guard' })).toEqual({
      ...config,
      functionName: 'stack-guard',
    });
    expect(readGuardConfig(ENVIRONMENT)).toEqual({ ...config, functionName: 'guard' });
  });

  it('names every variable that is missing', () => {
    for (const name of Object.keys(ENVIRONMENT)) expect(() => readGuardConfig({})).toThrow(name);
  });
});
