import * as z from 'zod';
import type { Deployment } from '../core/deployment.ts';
import { ENV } from '../core/env.ts';
import { listVariable, parseEnvironment, textVariable } from '../core/environment.ts';

/** The configuration of the expiry guard, which moves dead letters into the failure bucket. */
export type GuardConfig = Pick<Deployment, 'uploadBuckets' | 'failureBucket' | 'deadLetterQueueUrl'> & {
  /** Distinguishes the metrics of two deployments in one account. */
  functionName: string;
};

const schema = z.object({
  [ENV.uploadBuckets]: listVariable,
  [ENV.failureBucket]: textVariable,
  [ENV.deadLetterQueueUrl]: textVariable,
  AWS_LAMBDA_FUNCTION_NAME: z.string().default('guard'),
});

/**
 * Reads the guard's configuration.
 * @throws Error with one line for each variable that is missing or wrong
 */
export function readGuardConfig(env: Readonly<Record<string, string | undefined>>): GuardConfig {
  const value = parseEnvironment(schema, env, 'expiry guard');
  return {
    uploadBuckets: value[ENV.uploadBuckets],
    failureBucket: value[ENV.failureBucket],
    deadLetterQueueUrl: value[ENV.deadLetterQueueUrl],
    functionName: value.AWS_LAMBDA_FUNCTION_NAME,
  };
}
