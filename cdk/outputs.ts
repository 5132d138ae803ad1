import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { OUTPUTS } from '../src/core/deployment.ts';
import { idsInStack } from './names.ts';

/** What outputs say of a pipeline: its construct, and what their names begin with. */
interface Described extends Construct {
  readonly outputPrefix: string | undefined;
}

/**
 * Adds an output of the pipeline's stack, for the command to read. What is in another stack cannot be in it, and of
 * several APIs or alarms of one pipeline, the first is.
 * @param by the construct that the value belongs to
 */
export function addOutput(
  pipeline: Described,
  by: Construct,
  field: keyof typeof OUTPUTS,
  value: string,
): void {
  const id = `${OUTPUTS[field]}Output`;
  if (Stack.of(by) !== Stack.of(pipeline) || pipeline.node.tryFindChild(id) !== undefined) return;
  const prefix =
    pipeline.outputPrefix ??
    idsInStack(pipeline)
      .join('')
      .replaceAll(/[^A-Za-z0-9]/g, '');
  new CfnOutput(pipeline, id, { value }).overrideLogicalId(`${prefix}${OUTPUTS[field]}`);
}
