import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

/**
 * Lets a function invoke itself. This takes a separate policy: the function depends on the policies of its role, and
 * this policy depends on the function.
 */
export function allowSelfInvocation(scope: Construct, id: string, fn: LambdaFunction): void {
  const invoke = new PolicyStatement({
    sid: 'InvokeItself',
    actions: ['lambda:InvokeFunction'],
    resources: [fn.functionArn],
  });
  new Policy(scope, id, { statements: [invoke], roles: fn.role ? [fn.role] : [] });
}
