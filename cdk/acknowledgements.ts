import { Stack, Validations } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { flattenCfnReference } from 'cdk-nag/lib/utils/flatten-cfn-reference.js';

/** cdk-nag's finding about a resource with a wildcard, by its exact id. */
function acknowledge(fn: LambdaFunction, resource: string, reason: string): void {
  const name = flattenCfnReference(Stack.of(fn).resolve(resource));
  Validations.of(fn.role ?? fn).acknowledge({ id: `AwsSolutions-IAM5[Resource::${name}]`, reason });
}

/** Active tracing needs `xray:PutTraceSegments` and `PutTelemetryRecords`, which know no resources. */
export function acknowledgeTracing(fn: LambdaFunction): void {
  acknowledge(fn, '*', 'X-Ray has no resource to name: trace segments are put into the account');
}

/** `cloudwatch:GetMetricData` knows no resources. */
export function acknowledgeMetrics(fn: LambdaFunction): void {
  acknowledge(fn, '*', 'GetMetricData has no resource to name: it reads the metrics of the account');
}

/** @param resources ARNs that end in a wildcard */
export function acknowledgeObjects(fn: LambdaFunction, resources: readonly string[]): void {
  for (const resource of new Set(resources))
    acknowledge(fn, resource, 'Objects of this bucket: their keys are chosen by whoever uploads');
}
