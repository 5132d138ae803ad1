import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Annotations } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { deploymentFromOutputs, OUTPUTS } from '../../../src/core/deployment.ts';
import { DEFAULT_RECIPE, parseRecipe, recipeId } from '../../../src/core/recipe.ts';
import { EVERYTHING, findings, synthesize } from '../synthesize.ts';
import { resourcesOf, statementLines } from '../resources.ts';

describe('the template', () => {
  it.each([
    ['one new bucket', [{ create: 'photos' }]],
    ['two new buckets', [{ create: 'photos' }, { create: 'scans' }]],
    ['an adopted bucket', [{ adopt: 'scans' }]],
    ['new and adopted buckets', [{ create: 'photos' }, { adopt: 'scans' }, { adopt: 'faxes' }]],
  ])('has no circular dependency with %s', (_name, uploadBuckets) => {
    const template = synthesize({ uploadBuckets });
    const created = resourcesOf(template, 'AWS::S3::Bucket').filter(([id]) =>
      id.startsWith('PipelineUploads'),
    );
    const adopted = resourcesOf(template, 'Custom::S3BucketNotifications');
    expect(created).toHaveLength(uploadBuckets.filter((bucket) => 'create' in bucket).length);
    expect(adopted.map(([, { BucketName }]) => BucketName)).toEqual(
      uploadBuckets.flatMap((bucket) => ('adopt' in bucket ? [bucket.adopt] : [])),
    );
  });

  it.each([
    ['adopted', ['scans', 'faxes', 'photos'].map((adopt) => ({ adopt })), 'Custom::S3BucketNotifications'],
    ['created', ['scans', 'faxes', 'photos'].map((create) => ({ create })), 'AWS::S3::Bucket'],
  ] as const)('keeps the logical ids of %s buckets, wherever they are in the list', (_kind, all, type) => {
    const ids = (uploadBuckets: readonly (typeof all)[number][]) =>
      new Map(
        resourcesOf(synthesize({ uploadBuckets: [...uploadBuckets] }), type)
          .filter(([id]) => /^Pipeline(Uploads|Adopted)/.test(id))
          .map(([id, { BucketName }]) => [JSON.stringify(BucketName), id]),
      );
    const before = ids(all);
    expect(before.size).toBe(3);
    const afterwards = ids(all.slice(1).toReversed());
    expect(afterwards.size).toBe(2);
    for (const [name, id] of afterwards) expect(id).toBe(before.get(name));
  });

  it('distinguishes buckets whose names differ only by hyphens, or that are created and adopted', () => {
    const names = ['a-bc', 'ab-c', 'abc', 'a--bc'];
    const uploadBuckets = [...names.map((create) => ({ create })), ...names.map((adopt) => ({ adopt }))];
    const template = synthesize({ uploadBuckets });
    const ids = ['AWS::S3::Bucket', 'Custom::S3BucketNotifications'].flatMap((type) =>
      resourcesOf(template, type).filter(([id]) => /^Pipeline(Uploads|Adopted)/.test(id)),
    );
    expect(ids).toHaveLength(8);
  });

  const uploads = ['s3:ObjectCreated:*'];
  it.each([
    ['created', 'uploads of every kind', 'keep', uploads],
    ['adopted', 'uploads of every kind', 'keep', uploads],
    ['created', 'deletions, too', 'delete', [...uploads, 's3:ObjectRemoved:*', 's3:LifecycleExpiration:*']],
    ['adopted', 'deletions, too', 'delete', [...uploads, 's3:ObjectRemoved:*', 's3:LifecycleExpiration:*']],
  ] as const)('lets a bucket that was %s notify of %s', (kind, _what, whenDeleted, expected) => {
    const name = kind === 'created' ? { create: 'photos' } : { adopt: 'photos' };
    const recipe = parseRecipe(JSON.stringify({ whenDeleted }));
    const template = synthesize({ uploadBuckets: [name] }, recipe);
    const statements = JSON.stringify(resourcesOf(template, 'AWS::IAM::Policy'));
    expect(statements.includes('"DeleteResults"')).toBe(whenDeleted === 'delete');
    const [events] =
      kind === 'created'
        ? resourcesOf(template, 'AWS::S3::Bucket')
            .filter(([id]) => id.startsWith('PipelineUploads'))
            .map(([, properties]) =>
              (
                properties['NotificationConfiguration'] as { QueueConfigurations: { Event: string }[] }
              ).QueueConfigurations.map(({ Event }) => Event),
            )
        : resourcesOf(template, 'Custom::S3BucketNotifications').map(([, properties]) =>
            (
              properties['NotificationConfiguration'] as { QueueConfigurations: { Events: string[] }[] }
            ).QueueConfigurations.flatMap(({ Events }) => Events),
          );
    // A form, a copy and a multipart upload are different events than a PUT.
    expect(events).toEqual(expected);
  });

  it('has the outputs with which the command finds the deployment', () => {
    const recipe = parseRecipe('{"renditions":[{"name":"large","width":1600},{"name":"thumb","width":320}]}');
    const outputs = synthesize(
      { uploadBuckets: [{ adopt: 'scans' }, { adopt: 'faxes' }] },
      recipe,
    ).findOutputs('*');
    // Results named like their uploads have no extensions.
    const expected = Object.values(OUTPUTS).filter((name) => name !== OUTPUTS.extensions);
    expect(Object.keys(outputs).toSorted()).toEqual(expected.toSorted());
    // As CloudFormation returns them, with a name for each reference.
    const answered = Object.entries(outputs).map(([name, output]): [string, string] => {
      const { Value: value } = output as { Value: unknown };
      if (typeof value === 'string') return [name, value];
      return [name, name === OUTPUTS.generation ? '7' : `made ${name}`];
    });
    expect(deploymentFromOutputs(new Map(answered))).toMatchObject({
      uploadBuckets: ['scans', 'faxes'],
      renditions: ['large', 'thumb'],
      recipeId: recipeId(recipe),
      deadLetterAlarm: 'millrace-dead-letters',
      apiUrl: 'made ApiUrl',
    });
  });

  it("refuses a recipe that does not fit into a function's environment", () => {
    const ignore = Array.from({ length: 50 }, (_, index) => `${index}`.padEnd(64, 'é'));
    expect(() => synthesize({}, { ...DEFAULT_RECIPE, ignore })).toThrow(
      /environment of Worker has at least \d+ bytes, more than Lambda's maximum of 4096: use a shorter recipe/,
    );
  });
});

describe('the template passes the checks', () => {
  it("of cdk-nag and CloudFormation's validation, without warnings of constructs", () => {
    expect(findings({})).toEqual([]);
    expect(findings(EVERYTHING)).toEqual([]);
  });

  it('and all three have run', () => {
    const found = findings({}, (stack) => {
      const bucket = new Bucket(stack, 'Unencrypted');
      Annotations.of(bucket).addWarningV2('looks-bad', 'looks bad');
      new CfnFunction(stack, 'Tiny', {
        code: { zipFile: 'x' },
        role: 'arn:aws:iam::1:role/x',
        memorySize: 5,
      });
    });
    expect(found).toContainEqual(expect.stringMatching(/^AwsSolutions: AwsSolutions-S10: /));
    expect(found).toContainEqual(expect.stringMatching(/^CloudFormation Validate: F3034: MemorySize: 5/));
    expect(found).toContainEqual(expect.stringMatching(/^construct: looks bad/));
  });
});

describe('permissions', () => {
  it('are exactly these', () => {
    expect(`\n${statementLines(synthesize()).join('\n')}\n`).toMatchInlineSnapshot(`
      "
      PipelineRecipeNumberingRoleDefaultPolicy: Allow logs:CreateLogStream logs:PutLogEvents on <PipelineRecipeNumberingLogs.Arn>
      PipelineRecipeNumberingRoleDefaultPolicy: Allow xray:PutTraceSegments xray:PutTelemetryRecords on *
      PipelineWorkerRoleDefaultPolicy: Allow logs:CreateLogStream logs:PutLogEvents on <PipelineWorkerLogs.Arn>
      PipelineWorkerRoleDefaultPolicy: Allow xray:PutTraceSegments xray:PutTelemetryRecords on *
      PipelineWorkerRoleDefaultPolicy: Allow sqs:ReceiveMessage sqs:ChangeMessageVisibility sqs:GetQueueUrl sqs:DeleteMessage sqs:GetQueueAttributes on <PipelineConversionQueue.Arn>
      PipelineWorkerRoleDefaultPolicy: Allow sqs:ReceiveMessage sqs:ChangeMessageVisibility sqs:GetQueueUrl sqs:DeleteMessage sqs:GetQueueAttributes on <PipelineRetryQueue.Arn>
      PipelineWorkerRoleDefaultPolicy: Allow s3:ListBucket on <PipelineUploadsmillraceuploads.Arn> <PipelineResults.Arn> <PipelineFailures.Arn>
      PipelineWorkerRoleDefaultPolicy: Allow s3:GetObject on <PipelineUploadsmillraceuploads.Arn>/* <PipelineResults.Arn>/* <PipelineFailures.Arn>/*
      PipelineWorkerRoleDefaultPolicy: Allow s3:PutObject on <PipelineResults.Arn>/* <PipelineFailures.Arn>/*
      PipelineWorkerRoleDefaultPolicy: Allow s3:DeleteObject on <PipelineFailures.Arn>/*
      PipelineWorkerRoleDefaultPolicy: Allow sqs:SendMessage on <PipelineConversionQueue.Arn> <PipelineRetryQueue.Arn> <PipelineDeadLetterQueue.Arn>
      PipelineWorkerRoleDefaultPolicy: Allow dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem on <PipelineIdempotency.Arn>
      PipelineExpiryGuardRoleDefaultPolicy: Allow logs:CreateLogStream logs:PutLogEvents on <PipelineExpiryGuardLogs.Arn>
      PipelineExpiryGuardRoleDefaultPolicy: Allow xray:PutTraceSegments xray:PutTelemetryRecords on *
      PipelineExpiryGuardRoleDefaultPolicy: Allow s3:ListBucket on <PipelineFailures.Arn>
      PipelineExpiryGuardRoleDefaultPolicy: Allow s3:GetObject on <PipelineFailures.Arn>/*
      PipelineExpiryGuardRoleDefaultPolicy: Allow s3:PutObject on <PipelineFailures.Arn>/.millrace/archive/*
      PipelineExpiryGuardRoleDefaultPolicy: Allow sqs:ReceiveMessage sqs:DeleteMessage sqs:ChangeMessageVisibility sqs:GetQueueAttributes on <PipelineDeadLetterQueue.Arn>
      PipelineReconcilerRoleDefaultPolicy: Allow logs:CreateLogStream logs:PutLogEvents on <PipelineReconcilerLogs.Arn>
      PipelineReconcilerRoleDefaultPolicy: Allow xray:PutTraceSegments xray:PutTelemetryRecords on *
      PipelineReconcilerRoleDefaultPolicy: Allow s3:ListBucket on <PipelineUploadsmillraceuploads.Arn> <PipelineResults.Arn> <PipelineFailures.Arn>
      PipelineReconcilerRoleDefaultPolicy: Allow s3:GetObject on <PipelineUploadsmillraceuploads.Arn>/* <PipelineResults.Arn>/* <PipelineFailures.Arn>/*
      PipelineReconcilerRoleDefaultPolicy: Allow sqs:SendMessage on <PipelineConversionQueue.Arn>
      PipelineReconcilerSelfInvocation: Allow lambda:InvokeFunction on <PipelineReconciler.Arn>
      ApiRedriveRunnerRoleDefaultPolicy: Allow logs:CreateLogStream logs:PutLogEvents on <ApiRedriveRunnerLogs.Arn>
      ApiRedriveRunnerRoleDefaultPolicy: Allow xray:PutTraceSegments xray:PutTelemetryRecords on *
      ApiRedriveRunnerRoleDefaultPolicy: Allow s3:ListBucket on <PipelineUploadsmillraceuploads.Arn> <PipelineResults.Arn> <PipelineFailures.Arn>
      ApiRedriveRunnerRoleDefaultPolicy: Allow s3:GetObject on <PipelineUploadsmillraceuploads.Arn>/* <PipelineResults.Arn>/* <PipelineFailures.Arn>/*
      ApiRedriveRunnerRoleDefaultPolicy: Allow s3:PutObject on <PipelineFailures.Arn>/.millrace/redrives/* <PipelineFailures.Arn>/.millrace/progress/*
      ApiRedriveRunnerRoleDefaultPolicy: Allow sqs:ReceiveMessage sqs:DeleteMessage sqs:ChangeMessageVisibility on <PipelineDeadLetterQueue.Arn>
      ApiRedriveRunnerRoleDefaultPolicy: Allow sqs:SendMessage on <PipelineRetryQueue.Arn>
      ApiRedriveRunnerRoleDefaultPolicy: Allow sqs:GetQueueAttributes on <PipelineConversionQueue.Arn> <PipelineRetryQueue.Arn> <PipelineDeadLetterQueue.Arn>
      ApiRedriveRunnerSelfInvocation: Allow lambda:InvokeFunction on <ApiRedriveRunner.Arn>
      ApiFunctionRoleDefaultPolicy: Allow logs:CreateLogStream logs:PutLogEvents on <ApiFunctionLogs.Arn>
      ApiFunctionRoleDefaultPolicy: Allow xray:PutTraceSegments xray:PutTelemetryRecords on *
      ApiFunctionRoleDefaultPolicy: Allow s3:ListBucket on <PipelineUploadsmillraceuploads.Arn> <PipelineResults.Arn> <PipelineFailures.Arn>
      ApiFunctionRoleDefaultPolicy: Allow s3:GetObject on <PipelineUploadsmillraceuploads.Arn>/* <PipelineResults.Arn>/* <PipelineFailures.Arn>/*
      ApiFunctionRoleDefaultPolicy: Allow s3:PutObject s3:AbortMultipartUpload on <PipelineUploadsmillraceuploads.Arn>/batches/*
      ApiFunctionRoleDefaultPolicy: Allow s3:PutObject on <PipelineFailures.Arn>/.millrace/redrives/*
      ApiFunctionRoleDefaultPolicy: Allow sqs:ReceiveMessage sqs:DeleteMessage sqs:ChangeMessageVisibility sqs:GetQueueAttributes sqs:ListMessageMoveTasks sqs:CancelMessageMoveTask on <PipelineDeadLetterQueue.Arn>
      ApiFunctionRoleDefaultPolicy: Allow lambda:InvokeFunction on <ApiRedriveRunner.Arn>
      ApiFunctionRoleDefaultPolicy: Allow sqs:GetQueueAttributes on <PipelineConversionQueue.Arn> <PipelineRetryQueue.Arn>
      ApiFunctionRoleDefaultPolicy: Allow cloudwatch:GetMetricData on *
      ApiFunctionRoleDefaultPolicy: Allow cloudwatch:DescribeAlarms on arn:<AWS::Partition>:cloudwatch:<AWS::Region>:<AWS::AccountId>:alarm:millrace-dead-letters
      PipelineAccessLogsPolicy: Deny {"AWS":"*"} s3:* on <PipelineAccessLogs.Arn> <PipelineAccessLogs.Arn>/* if {"Bool":{"aws:SecureTransport":"false"}}
      PipelineAccessLogsPolicy: Deny {"AWS":"*"} s3:* on <PipelineAccessLogs.Arn> <PipelineAccessLogs.Arn>/* if {"NumericLessThan":{"s3:TlsVersion":1.2}}
      PipelineAccessLogsPolicy: Allow {"Service":"logging.s3.amazonaws.com"} s3:PutObject on <PipelineAccessLogs.Arn>/uploads-millrace-uploads/* if {"ArnLike":{"aws:SourceArn":{"Fn::GetAtt":["PipelineUploadsmillraceuploadsCF90D33F","Arn"]}},"StringEquals":{"aws:SourceAccount":{"Ref":"AWS::AccountId"}}}
      PipelineAccessLogsPolicy: Allow {"Service":"logging.s3.amazonaws.com"} s3:PutObject on <PipelineAccessLogs.Arn>/results/* if {"ArnLike":{"aws:SourceArn":{"Fn::GetAtt":["PipelineResults1E76D729","Arn"]}},"StringEquals":{"aws:SourceAccount":{"Ref":"AWS::AccountId"}}}
      PipelineAccessLogsPolicy: Allow {"Service":"logging.s3.amazonaws.com"} s3:PutObject on <PipelineAccessLogs.Arn>/failures/* if {"ArnLike":{"aws:SourceArn":{"Fn::GetAtt":["PipelineFailuresCC431073","Arn"]}},"StringEquals":{"aws:SourceAccount":{"Ref":"AWS::AccountId"}}}
      PipelineUploadsmillraceuploadsPolicy: Deny {"AWS":"*"} s3:* on <PipelineUploadsmillraceuploads.Arn> <PipelineUploadsmillraceuploads.Arn>/* if {"Bool":{"aws:SecureTransport":"false"}}
      PipelineUploadsmillraceuploadsPolicy: Deny {"AWS":"*"} s3:* on <PipelineUploadsmillraceuploads.Arn> <PipelineUploadsmillraceuploads.Arn>/* if {"NumericLessThan":{"s3:TlsVersion":1.2}}
      PipelineResultsPolicy: Deny {"AWS":"*"} s3:* on <PipelineResults.Arn> <PipelineResults.Arn>/* if {"Bool":{"aws:SecureTransport":"false"}}
      PipelineResultsPolicy: Deny {"AWS":"*"} s3:* on <PipelineResults.Arn> <PipelineResults.Arn>/* if {"NumericLessThan":{"s3:TlsVersion":1.2}}
      PipelineResultsPolicy: Deny {"AWS":"*"} s3:PutObject on <PipelineResults.Arn>/* if {"Null":{"s3:if-match":"true","s3:if-none-match":"true"},"Bool":{"s3:ObjectCreationOperation":"true"}}
      PipelineFailuresPolicy: Deny {"AWS":"*"} s3:* on <PipelineFailures.Arn> <PipelineFailures.Arn>/* if {"Bool":{"aws:SecureTransport":"false"}}
      PipelineFailuresPolicy: Deny {"AWS":"*"} s3:* on <PipelineFailures.Arn> <PipelineFailures.Arn>/* if {"NumericLessThan":{"s3:TlsVersion":1.2}}
      PipelineFailuresPolicy: Deny {"AWS":"*"} s3:PutObject on <PipelineFailures.Arn>/* if {"Null":{"s3:if-match":"true","s3:if-none-match":"true"},"Bool":{"s3:ObjectCreationOperation":"true"}}
      PipelineDeadLetterQueuePolicy: Deny {"AWS":"*"} sqs:* on <PipelineDeadLetterQueue.Arn> if {"Bool":{"aws:SecureTransport":"false"}}
      PipelineConversionQueuePolicy: Deny {"AWS":"*"} sqs:* on <PipelineConversionQueue.Arn> if {"Bool":{"aws:SecureTransport":"false"}}
      PipelineConversionQueuePolicy: Allow {"Service":"s3.amazonaws.com"} sqs:SendMessage on <PipelineConversionQueue.Arn> if {"ArnEquals":{"aws:SourceArn":[{"Fn::Join":["",["arn:",{"Ref":"AWS::Partition"},":s3:::millrace-uploads-",{"Ref":"AWS::AccountId"},"-",{"Ref":"AWS::Region"}]]}]},"StringEquals":{"aws:SourceAccount":{"Ref":"AWS::AccountId"}}}
      PipelineRetryQueuePolicy: Deny {"AWS":"*"} sqs:* on <PipelineRetryQueue.Arn> if {"Bool":{"aws:SecureTransport":"false"}}
      MonitoringTopicPolicy: Deny "*" sns:Publish on <MonitoringTopic> if {"Bool":{"aws:SecureTransport":"false"}}
      MonitoringTopicPolicy: Allow {"Service":"cloudwatch.amazonaws.com"} sns:Publish on <MonitoringTopic> if {"StringEquals":{"aws:SourceAccount":{"Ref":"AWS::AccountId"}},"ArnLike":{"aws:SourceArn":{"Fn::Join":["",["arn:",{"Ref":"AWS::Partition"},":cloudwatch:",{"Ref":"AWS::Region"},":",{"Ref":"AWS::AccountId"},":alarm:millrace-*"]]}}}
      MonitoringTopicKey: Allow {"AWS":{"Fn::Join":["",["arn:",{"Ref":"AWS::Partition"},":iam::",{"Ref":"AWS::AccountId"},":root"]]}} kms:* on *
      MonitoringTopicKey: Allow {"Service":"cloudwatch.amazonaws.com"} kms:Decrypt kms:GenerateDataKey* on * if {"StringEquals":{"aws:SourceAccount":{"Ref":"AWS::AccountId"}},"ArnLike":{"aws:SourceArn":{"Fn::Join":["",["arn:",{"Ref":"AWS::Partition"},":cloudwatch:",{"Ref":"AWS::Region"},":",{"Ref":"AWS::AccountId"},":alarm:millrace-*"]]}}}
      "
    `);
  });

  it('for adopted buckets are limited to these buckets', () => {
    const lines = statementLines(synthesize({ uploadBuckets: [{ adopt: 'scans' }] }));
    expect(lines.filter((line) => line.includes('scans'))).toMatchInlineSnapshot(`
      [
        "PipelineAdoptedscansNotificationsHandlerPolicy: Allow s3:PutBucketNotification on arn:<AWS::Partition>:s3:::scans",
        "PipelineAdoptedscansNotificationsHandlerPolicy: Allow s3:GetBucketNotification on arn:<AWS::Partition>:s3:::scans",
        "PipelineWorkerRoleDefaultPolicy: Allow s3:ListBucket on arn:<AWS::Partition>:s3:::scans <PipelineResults.Arn> <PipelineFailures.Arn>",
        "PipelineWorkerRoleDefaultPolicy: Allow s3:GetObject on arn:<AWS::Partition>:s3:::scans/* <PipelineResults.Arn>/* <PipelineFailures.Arn>/*",
        "PipelineReconcilerRoleDefaultPolicy: Allow s3:ListBucket on arn:<AWS::Partition>:s3:::scans <PipelineResults.Arn> <PipelineFailures.Arn>",
        "PipelineReconcilerRoleDefaultPolicy: Allow s3:GetObject on arn:<AWS::Partition>:s3:::scans/* <PipelineResults.Arn>/* <PipelineFailures.Arn>/*",
        "ApiRedriveRunnerRoleDefaultPolicy: Allow s3:ListBucket on arn:<AWS::Partition>:s3:::scans <PipelineResults.Arn> <PipelineFailures.Arn>",
        "ApiRedriveRunnerRoleDefaultPolicy: Allow s3:GetObject on arn:<AWS::Partition>:s3:::scans/* <PipelineResults.Arn>/* <PipelineFailures.Arn>/*",
        "ApiFunctionRoleDefaultPolicy: Allow s3:ListBucket on arn:<AWS::Partition>:s3:::scans <PipelineResults.Arn> <PipelineFailures.Arn>",
        "ApiFunctionRoleDefaultPolicy: Allow s3:GetObject on arn:<AWS::Partition>:s3:::scans/* <PipelineResults.Arn>/* <PipelineFailures.Arn>/*",
        "ApiFunctionRoleDefaultPolicy: Allow s3:PutObject s3:AbortMultipartUpload on arn:<AWS::Partition>:s3:::scans/batches/*",
        "PipelineConversionQueuePolicy: Allow {"Service":"s3.amazonaws.com"} sqs:SendMessage on <PipelineConversionQueue.Arn> if {"ArnEquals":{"aws:SourceArn":[{"Fn::Join":["",["arn:",{"Ref":"AWS::Partition"},":s3:::scans"]]}]},"StringEquals":{"aws:SourceAccount":{"Ref":"AWS::AccountId"}}}",
      ]
    `);
  });

  it('name a resource, except for X-Ray, metrics and the key itself, which cannot', () => {
    for (const settings of [{}, EVERYTHING]) {
      const everywhere = statementLines(synthesize(settings)).filter((line) => / on \*( if|$)/.test(line));
      expect(everywhere.map((line) => line.replace(/ if .*/, ''))).toEqual([
        'PipelineRecipeNumberingRoleDefaultPolicy: Allow xray:PutTraceSegments xray:PutTelemetryRecords on *',
        'PipelineWorkerRoleDefaultPolicy: Allow xray:PutTraceSegments xray:PutTelemetryRecords on *',
        'PipelineExpiryGuardRoleDefaultPolicy: Allow xray:PutTraceSegments xray:PutTelemetryRecords on *',
        'PipelineReconcilerRoleDefaultPolicy: Allow xray:PutTraceSegments xray:PutTelemetryRecords on *',
        'ApiRedriveRunnerRoleDefaultPolicy: Allow xray:PutTraceSegments xray:PutTelemetryRecords on *',
        'ApiFunctionRoleDefaultPolicy: Allow xray:PutTraceSegments xray:PutTelemetryRecords on *',
        'ApiFunctionRoleDefaultPolicy: Allow cloudwatch:GetMetricData on *',
        expect.stringMatching(/^MonitoringTopicKey: Allow \{"AWS":.*:root.* kms:\* on \*$/),
        'MonitoringTopicKey: Allow {"Service":"cloudwatch.amazonaws.com"} kms:Decrypt kms:GenerateDataKey* on *',
      ]);
    }
  });

  it("come from no managed policy except the one for CDK's own function", () => {
    for (const [id, role] of resourcesOf(synthesize(EVERYTHING), 'AWS::IAM::Role')) {
      if (id.startsWith('BucketNotificationsHandler')) continue;
      expect(role['ManagedPolicyArns'], id).toBeUndefined();
    }
  });
});
