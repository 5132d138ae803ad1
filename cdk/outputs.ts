import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { OUTPUTS } from '../src/core/deployment.ts';
import { idsInStack } from './names.ts';

/** The construct that outputs describe, and the prefix of their names. */
interface Described extends Construct {
  readonly outputPrefix: string | undefined;
}

/**
 * Adds an output to the pipeline's stack, for the command to read. Leaves out values of another stack. Of several
 * APIs or alarms of one pipeline, adds the first.
 * @param by construct that the value belongs to
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
