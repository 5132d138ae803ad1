import { DescribeTableCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  GetBucketNotificationConfigurationCommand,
  GetBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { Template } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localClientConfig } from '@millrace/local-aws/client-config';
import { ENV } from '../../../src/core/env.ts';
import { BUCKETS, IDEMPOTENCY_TABLE } from '../../../src/local/resources.ts';
import { readApiConfig } from '../../../src/api/config.ts';
import { readSelfInvokingConfig } from '../../../src/core/self-invoking-config.ts';
import { readConfig } from '../../../src/worker/config.ts';
import { createDeps } from '../../../src/worker/deps.ts';
import { createWorker } from '../../../src/worker/worker.ts';
import { photo } from '../../support/images.ts';
import { contextOf, startBench, type Bench } from '../../support/worker.ts';
import { resource, resourcesOf } from '../resources.ts';
import { synthesize } from '../synthesize.ts';

/** Settings of the worker's log lines. */
const QUIET = { POWERTOOLS_LOG_LEVEL: 'SILENT', POWERTOOLS_METRICS_DISABLED: 'true' };

let bench: Bench;
let dynamo: DynamoDBClient;
beforeAll(async () => {
  bench = await startBench();
  dynamo = new DynamoDBClient(localClientConfig(bench.env['AWS_ENDPOINT_URL'] ?? ''));
});
afterAll(async () => {
  dynamo.destroy();
  await bench.stop();
});

const environment = (template: Template, id: string) =>
  (resource(template, 'AWS::Lambda::Function', id)['Environment'] as { Variables: Record<string, unknown> })
    .Variables;

/** Returns a value for each variable, even if the template has a reference. */
const filled = (variables: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : name === ENV.generation ? '7' : `made-${name}`,
    ]),
  );
/** Including the variables that Lambda sets. */
const onLambda = (variables: Record<string, unknown>) => ({
  ...filled(variables),
  LAMBDA_TASK_ROOT: '/var/task',
});

describe('the deployment has, from the local pipeline,', () => {
  it.each([
    ['conversionQueue', 'PipelineConversionQueue'],
    ['retryQueue', 'PipelineRetryQueue'],
    ['deadLetterQueue', 'PipelineDeadLetterQueue'],
  ] as const)('the SQS attributes of the %s', async (name, id) => {
    const { Attributes = {} } = await bench.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: bench.resources[name].url, AttributeNames: ['All'] }),
    );
    const deployed = resource(synthesize(), 'AWS::SQS::Queue', id);
    // A queue's defaults.
    const { VisibilityTimeout = 30, MessageRetentionPeriod, DelaySeconds = 0 } = deployed;
    expect(VisibilityTimeout).toBe(Number(Attributes.VisibilityTimeout));
    expect(MessageRetentionPeriod).toBe(Number(Attributes.MessageRetentionPeriod));
    expect(DelaySeconds).toBe(Number(Attributes.DelaySeconds));
    const local = JSON.parse(Attributes.RedrivePolicy ?? '{}') as { maxReceiveCount?: number };
    const { maxReceiveCount } = (deployed['RedrivePolicy'] ?? {}) as { maxReceiveCount?: number };
    expect(maxReceiveCount).toBe(local.maxReceiveCount);
  });

  it("the upload bucket's versioning and notifications", async () => {
    const deployed = resource(synthesize(), 'AWS::S3::Bucket', 'PipelineUploadsmillraceuploads');
    const { Status } = await bench.s3.send(new GetBucketVersioningCommand({ Bucket: BUCKETS.uploads }));
    expect(deployed['VersioningConfiguration']).toEqual({ Status });
    const local = await bench.s3.send(
      new GetBucketNotificationConfigurationCommand({ Bucket: BUCKETS.uploads }),
    );
    const { QueueConfigurations } = deployed['NotificationConfiguration'] as {
      QueueConfigurations: { Event: string }[];
    };
    expect(QueueConfigurations.map(({ Event }) => [Event])).toEqual(
      local.QueueConfigurations?.map(({ Events }) => Events),
    );
  });

  it("the idempotency table's key, and the expiry attribute that the worker writes", async () => {
    const { Table = {} } = await dynamo.send(new DescribeTableCommand({ TableName: IDEMPOTENCY_TABLE }));
    const [[, deployed] = ['', {}]] = resourcesOf(synthesize(), 'AWS::DynamoDB::Table');
    expect(deployed).toMatchObject({
      KeySchema: Table.KeySchema,
      AttributeDefinitions: Table.AttributeDefinitions,
    });

    Object.assign(process.env, bench.env, QUIET);
    await bench.s3.send(new PutObjectCommand({ Bucket: BUCKETS.uploads, Key: 'a.jpg', Body: await photo() }));
    const Records = bench.conversion.receive(1);
    const work = createWorker(createDeps(readConfig(bench.env)));
    await work({ Records }, contextOf());
    const { Items = [] } = await dynamo.send(new ScanCommand({ TableName: IDEMPOTENCY_TABLE }));
    const { AttributeName } = deployed['TimeToLiveSpecification'] as { AttributeName: string };
    expect(Items).toEqual([expect.objectContaining({ [AttributeName]: { N: expect.any(String) } })]);
  });

  it("the variables of the worker's environment", () => {
    const local = Object.keys(bench.env).filter((name) => !name.startsWith('AWS_'));
    const deployed = environment(synthesize(), 'PipelineWorker');
    // The local pipeline sets it when it starts processes.
    expect(Object.keys(deployed).toSorted()).toEqual([...local, 'MALLOC_ARENA_MAX'].toSorted());
    for (const name of [ENV.recipe, ENV.maxAttempts, ENV.conversions]) {
      expect(deployed[name], name).toBe(bench.env[name]);
    }
    expect(deployed['MALLOC_ARENA_MAX']).toBe('2');
    const config = readConfig({ ...filled(deployed) });
    expect(config).toMatchObject({ conversionQueueUrl: `made-${ENV.conversionQueueUrl}`, maxAttempts: 5 });
  });

  it.each(['ApiRedriveRunner', 'PipelineReconciler'])('and %s gets the same pipeline as the API', (id) => {
    const template = synthesize();
    const variables = environment(template, id);
    const lambda = { AWS_LAMBDA_FUNCTION_NAME: 'itself' };
    const config = (more = {}) =>
      readSelfInvokingConfig({ ...filled(variables), ...lambda, ...more }, 'function');
    const { deployment, functionName } = config();
    expect(functionName).toBe('itself');
    const { deadLetterAlarm: _ofTheApi, ...ofTheApi } = readApiConfig(
      onLambda(environment(template, 'ApiFunction')),
    ).deployment;
    expect(deployment).toEqual(ofTheApi);
    for (const name of Object.keys(variables)) expect(() => config({ [name]: '' }), name).toThrow(name);
  });

  it('and the API gets all the variables that it reads', () => {
    const variables = environment(synthesize(), 'ApiFunction');
    const { deployment, ...config } = readApiConfig(onLambda(variables));
    expect(variables[ENV.workerFunction]).toEqual({ Ref: expect.stringMatching(/^PipelineWorker/) });
    expect(variables[ENV.redriveFunction]).toEqual({ Ref: expect.stringMatching(/^ApiRedriveRunner/) });
    expect(config).toMatchObject({ workerFunction: `made-${ENV.workerFunction}` });
    expect(deployment).toMatchObject({
      conversionQueueUrl: `made-${ENV.conversionQueueUrl}`,
      deadLetterAlarm: 'millrace-dead-letters',
      renditions: ['web'],
    });
    // It reads every variable that it gets.
    for (const name of Object.keys(variables)) {
      const without = { ...onLambda(variables), [name]: '' };
      expect(() => readApiConfig(without), name).toThrow(name);
    }
  });
});
