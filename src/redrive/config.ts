import * as z from 'zod';
import type { Deployment } from '../core/deployment.ts';
import { deploymentOf, deploymentVariables } from '../core/deployment-variables.ts';
import { parseEnvironment, textVariable } from '../core/environment.ts';

/** All that the runner of redrives is told by its environment. */
export interface RunnerConfig {
  deployment: Deployment;
  /** Its own name, by which it invokes itself. */
  functionName: string;
}

const schema = z.object({
  ...deploymentVariables,
  // Set by Lambda.
  AWS_LAMBDA_FUNCTION_NAME: textVariable,
});

/**
 * Reads the runner's configuration.
 * @throws Error with one line for each variable that is missing or wrong
 */
export function readRunnerConfig(env: Readonly<Record<string, string | undefined>>): RunnerConfig {
  const value = parseEnvironment(schema, env, 'redrive runner');
  return {
    functionName: value.AWS_LAMBDA_FUNCTION_NAME,
    deployment: deploymentOf(value),
  };
}
