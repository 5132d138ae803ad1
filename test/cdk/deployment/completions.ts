import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { EventType } from 'aws-cdk-lib/aws-s3';
import { SnsDestination, SqsDestination } from 'aws-cdk-lib/aws-s3-notifications';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { describe, expect, it } from 'vitest';
import { ConversionPipeline, type Completions } from '../../../cdk/index.ts';
import { readSettings } from '../../../cdk/settings.ts';
import { resourcesOf, statementLines } from '../resources.ts';
import { synthesize, withApp } from '../synthesize.ts';

/** Returns each bucket's notification configuration, by the prefix of its logical id. */
function notificationsOf(template: Template) {
  return Object.fromEntries(
    resourcesOf(template, 'Custom::S3BucketNotifications').map(([, properties]) => {
      const { Ref: bucket } = properties['BucketName'] as { Ref: string };
      return [bucket.replace(/[0-9A-F]{8}$/, ''), properties['NotificationConfiguration']];
    }),
  );
}

function templateWith(
  completions: (stack: Stack) => Completions,
  after?: (pipeline: ConversionPipeline) => void,
) {
  return withApp({}, (app) => {
    const stack = new Stack(app, 'Theirs');
    const pipeline = new ConversionPipeline(stack, 'Pipeline', {
      uploadBuckets: [{ create: 'photos' }],
      completions: completions(stack),
    });
    after?.(pipeline);
    return Template.fromStack(stack);
  });
}

const CREATED = { Events: ['s3:ObjectCreated:*'] };

describe('completion events', () => {
  it('are not sent unless configured', () => {
    expect(notificationsOf(synthesize())).toEqual({});
  });

  it('of results and failures go to EventBridge; those of uploads do not', () => {
    const configuration = { EventBridgeConfiguration: {} };
    expect(notificationsOf(synthesize({ completions: 'eventBridge' }))).toEqual({
      PipelineResults: configuration,
      PipelineFailures: configuration,
    });
  });

  it.each([
    ['topic', 'sns', 'TopicConfigurations', 'TopicArn'],
    ['queue', 'sqs', 'QueueConfigurations', 'QueueArn'],
  ])('can go to an existing %s by its ARN', (_kind, service, configurations, property) => {
    const arn = `arn:aws:${service}:eu-central-1:123456789012:completions`;
    const configuration = { [configurations]: [{ ...CREATED, [property]: arn }] };
    expect(notificationsOf(synthesize({ completions: arn }))).toEqual({
      PipelineResults: configuration,
      PipelineFailures: configuration,
    });
  });

  it.each(['eventbridge', 'completions', 'arn:aws:sqs:eu-central-1:123456789012:c.fifo', 'arn:aws:lambda:x'])(
    'cannot go to %s',
    (completions) => {
      expect(() => readSettings({ 'millrace:completions': completions })).toThrow(
        'completions expected eventBridge, or the ARN of an SNS topic or SQS queue, which cannot be FIFO',
      );
    },
  );

  it.each([
    ['topic', (stack: Stack, masterKey: Key) => new SnsDestination(new Topic(stack, 'Mine', { masterKey }))],
    [
      'queue',
      (stack: Stack, encryptionMasterKey: Key) =>
        new SqsDestination(new Queue(stack, 'Mine', { encryptionMasterKey })),
    ],
  ])('may be sent to an encrypted %s by these two buckets', (kind, destinationOf) => {
    const template = templateWith((stack) => ({ destination: destinationOf(stack, new Key(stack, 'Key')) }));
    const configurations = kind === 'topic' ? 'TopicConfigurations' : 'QueueConfigurations';
    expect(notificationsOf(template)).toMatchObject({
      PipelineResults: { [configurations]: [CREATED] },
      PipelineFailures: { [configurations]: [CREATED] },
    });
    const allowed = statementLines(template).filter((line) => line.includes('"s3.amazonaws.com"'));
    const sends = allowed.filter((line) => line.startsWith('MinePolicy'));
    expect(sends).toHaveLength(2);
    for (const [index, bucket] of ['PipelineResults', 'PipelineFailures'].entries())
      expect(sends[index]).toMatch(new RegExp(`(sns:Publish|sqs:SendMessage) .*${bucket}`));
    expect(allowed.filter((line) => /^Key: .*kms:/.test(line))).not.toEqual([]);
  });

  it('keep notifications that the app adds to the buckets', () => {
    const template = templateWith(
      () => ({ eventBridge: true }),
      ({ resultBucket }) => {
        const removed = new SqsDestination(new Queue(Stack.of(resultBucket), 'Removed'));
        resultBucket.addEventNotification(EventType.OBJECT_REMOVED, removed);
      },
    );
    expect(notificationsOf(template)['PipelineResults']).toMatchObject({
      EventBridgeConfiguration: {},
      QueueConfigurations: [{ Events: ['s3:ObjectRemoved:*'] }],
    });
  });
});
