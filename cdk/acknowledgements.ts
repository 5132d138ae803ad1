import { Stack, Validations } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';

/** Explains to cdk-nag, in apps that use it, why a resource has a wildcard. The id must match the finding exactly. */
function acknowledge(fn: LambdaFunction, resource: string, reason: string): void {
  const name = nameOf(Stack.of(fn).resolve(resource));
  Validations.of(fn.role ?? fn).acknowledge({ id: `AwsSolutions-IAM5[Resource::${name}]`, reason });
}

/** Active tracing needs `xray:PutTraceSegments` and `PutTelemetryRecords`, which have no resources. */
export function acknowledgeTracing(fn: LambdaFunction): void {
  acknowledge(fn, '*', 'X-Ray has no resource to name: trace segments are put into the account');
}

/** `cloudwatch:GetMetricData` has no resources. */
export function acknowledgeMetrics(fn: LambdaFunction): void {
  acknowledge(fn, '*', 'GetMetricData has no resource to name: it reads the metrics of the account');
}

/** @param resources ARNs that end in a wildcard */
export function acknowledgeObjects(fn: LambdaFunction, resources: readonly string[]): void {
  for (const resource of new Set(resources))
    acknowledge(fn, resource, 'Objects of this bucket: their keys are chosen by whoever uploads');
}

/** Acknowledges the policy of CDK's function that adds bucket notifications, which is in the stack itself. */
export function acknowledgeNotificationsHandler(stack: Stack): void {
  const handler = stack.node.children.find(({ node }) => node.id.startsWith('BucketNotificationsHandler'));
  if (handler === undefined) return;
  const policy = 'arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';
  Validations.of(handler).acknowledge({
    id: `AwsSolutions-IAM4[Policy::${policy}]`,
    reason: "CDK's own function, which writes its log by this policy",
  });
}

/** Returns the name that cdk-nag gives a resource in its findings. */
function nameOf(resource: unknown): string {
  if (typeof resource === 'string') return resource;
  if (typeof resource !== 'object' || resource === null) return JSON.stringify(resource);
  if ('Ref' in resource) return `<${String(resource.Ref)}>`;
  if ('Fn::GetAtt' in resource) return `<${(resource['Fn::GetAtt'] as string[]).join('.')}>`;
  if ('Fn::Join' in resource) {
    const [separator, parts] = resource['Fn::Join'] as [string, unknown[]];
    return parts.map(nameOf).join(separator);
  }
  return JSON.stringify(resource);
}
