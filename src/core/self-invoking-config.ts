import * as z from 'zod';
import type { Deployment } from './deployment.ts';
import { deploymentOf, deploymentVariables } from './deployment-variables.ts';
import { parseEnvironment, textVariable } from './environment.ts';

/** The configuration of a function that continues by invoking itself. */
export interface SelfInvokingConfig {
  deployment: Deployment;
  /** The function's own name, with which it invokes itself. */
  functionName: string;
}

const schema = z.object({
  ...deploymentVariables,
  // Set by Lambda.
  AWS_LAMBDA_FUNCTION_NAME: textVariable,
});

/**
 * Reads the configuration of such a function.
 * @param whose name of the function, for the error
 * @throws Error with one line for each variable that is missing or wrong
 */
export function readSelfInvokingConfig(
  env: Readonly<Record<string, string | undefined>>,
  whose: string,
): SelfInvokingConfig {
  const value = parseEnvironment(schema, env, whose);
  return { functionName: value.AWS_LAMBDA_FUNCTION_NAME, deployment: deploymentOf(value) };
}
