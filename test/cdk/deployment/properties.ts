import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { ENV } from '../../../src/core/env.ts';
import { DEFAULT_RECIPE, parseRecipe, recipeId, type Recipe } from '../../../src/core/recipe.ts';
import { SETTINGS } from '../../../src/core/settings.ts';
import { EVERYTHING, synthesize, type Settings } from '../synthesize.ts';
import { readGuardConfig } from '../../../src/guard/config.ts';
import { resource, resourcesOf, statementLines, statementsOf, type Properties } from '../resources.ts';
import { TIMING } from '../../support/timing.ts';

/** Logical ids omit the hyphens in a name. */
const UPLOADS = 'PipelineUploadsmillraceuploads';
const bucket = (template: Template, id: string) => resource(template, 'AWS::S3::Bucket', id);

describe('every bucket', () => {
  it('is encrypted, has no public access and no ACLs, and aborts abandoned multipart uploads', () => {
    for (const [id, properties] of resourcesOf(synthesize(EVERYTHING), 'AWS::S3::Bucket'))
      expect(properties, id).toMatchObject({
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        LifecycleConfiguration: {
          Rules: expect.arrayContaining([
            expect.objectContaining({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } }),
          ]),
        },
      });
  });

  it('refuses requests without TLS', () => {
    const everything = synthesize(EVERYTHING);
    const policies = resourcesOf(everything, 'AWS::S3::BucketPolicy');
    for (const [id] of resourcesOf(everything, 'AWS::S3::Bucket')) {
      const policy = policies.find(([, { Bucket }]) => (Bucket as { Ref: string }).Ref === id)?.[1] ?? {};
      expect(statementsOf(policy), id).toContainEqual(
        expect.objectContaining({
          Effect: 'Deny',
          Action: 's3:*',
          Principal: { AWS: '*' },
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      );
    }
  });

  it('is retained when the stack is deleted, but not when the deployment that created it rolls back', () => {
    const everything = synthesize(EVERYTHING);
    expect(resourcesOf(everything, 'AWS::S3::Bucket')).toHaveLength(4);
    everything.allResources('AWS::S3::Bucket', {
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
  });
});

describe("the pipeline's buckets", () => {
  it('keep noncurrent versions of uploads for some days', () => {
    expect(bucket(synthesize(), UPLOADS)).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      LifecycleConfiguration: {
        Rules: expect.arrayContaining([
          expect.objectContaining({ NoncurrentVersionExpiration: { NoncurrentDays: 30 } }),
        ]),
      },
    });
    const shorter = synthesize({ oldVersionDays: 3 });
    expect(JSON.stringify(resource(shorter, 'AWS::S3::Bucket', UPLOADS))).toContain('"NoncurrentDays":3');
  });

  it("keep failure reports forever: only the operations' own objects expire there", () => {
    const { Rules } = bucket(synthesize(), 'PipelineFailures')['LifecycleConfiguration'] as {
      Rules: Record<string, unknown>[];
    };
    const expiring = Rules.filter((rule) => Object.keys(rule).some((name) => /Expiration/.test(name)));
    const prefixes = ['.millrace/redrives/', '.millrace/progress/', '.millrace/archive/'];
    expect(expiring).toEqual(
      prefixes.map((prefix) => ({ Id: prefix, Prefix: prefix, ExpirationInDays: 21, Status: 'Enabled' })),
    );
    expect(SETTINGS.ownObjectDays * 86_400).toBeGreaterThan(SETTINGS.deadLetterRetentionSeconds);
  });

  it('never delete a result or an upload', () => {
    const template = synthesize();
    for (const id of [UPLOADS, 'PipelineResults']) {
      expect(JSON.stringify(bucket(template, id)['LifecycleConfiguration'])).not.toContain(
        'ExpirationInDays',
      );
    }
  });

  /** https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html */
  const refusal = {
    Effect: 'Deny',
    Principal: { AWS: '*' },
    Action: 's3:PutObject',
    Condition: {
      Null: { 's3:if-match': 'true', 's3:if-none-match': 'true' },
      Bool: { 's3:ObjectCreationOperation': 'true' },
    },
  };

  it('refuse an unconditional write of a result from everyone', () => {
    const policy = resource(synthesize(), 'AWS::S3::BucketPolicy', 'PipelineResultsPolicy');
    const [arn] = JSON.stringify(policy['Bucket']).match(/PipelineResults\w+/) ?? [];
    expect(statementsOf(policy)).toContainEqual({
      ...refusal,
      Sid: 'RefuseUnconditionalWrites',
      Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': [arn, 'Arn'] }, '/*']] },
    });
  });

  it('refuse an unconditional write of a report, a record or an archived dead letter', () => {
    const policy = resource(synthesize(), 'AWS::S3::BucketPolicy', 'PipelineFailuresPolicy');
    const [arn] = JSON.stringify(policy['Bucket']).match(/PipelineFailures\w+/) ?? [];
    expect(statementsOf(policy)).toContainEqual({
      ...refusal,
      Sid: 'RefuseUnconditionalWrites',
      Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': [arn, 'Arn'] }, '/*']] },
    });
  });

  it('accept uploads only from web pages of exactly the named origins', () => {
    const everything = synthesize(EVERYTHING);
    expect(bucket(synthesize(), UPLOADS)['CorsConfiguration']).toBeUndefined();
    expect(resource(everything, 'AWS::S3::Bucket', 'PipelineUploadsphotos')['CorsConfiguration']).toEqual({
      CorsRules: [
        {
          AllowedOrigins: ['https://photos.example'],
          AllowedMethods: ['POST', 'PUT', 'GET'],
          AllowedHeaders: ['*'],
          ExposedHeaders: ['ETag'],
          MaxAge: 3600,
        },
      ],
    });
  });

  it('log reads and writes, each under its own prefix, for 90 days', () => {
    const template = synthesize();
    for (const [id, prefix] of [
      [UPLOADS, 'uploads-millrace-uploads/'],
      ['PipelineResults', 'results/'],
      ['PipelineFailures', 'failures/'],
    ] as const) {
      expect(bucket(template, id)['LoggingConfiguration']).toEqual({
        DestinationBucketName: { Ref: expect.stringContaining('PipelineAccessLogs') },
        LogFilePrefix: prefix,
      });
    }
    expect(bucket(template, 'PipelineAccessLogs')['LifecycleConfiguration']).toEqual({
      Rules: expect.arrayContaining([expect.objectContaining({ ExpirationInDays: 90, Status: 'Enabled' })]),
    });
  });
});

describe('queues', () => {
  it('are encrypted and refuse requests without TLS', () => {
    const template = synthesize();
    const policies = resourcesOf(template, 'AWS::SQS::QueuePolicy');
    const queues = resourcesOf(template, 'AWS::SQS::Queue');
    expect(queues).toHaveLength(3);
    for (const [id, properties] of queues) {
      expect(properties, id).toMatchObject({ SqsManagedSseEnabled: true });
      const policy =
        policies.find(([, { Queues }]) => (Queues as [{ Ref: string }])[0].Ref === id)?.[1] ?? {};
      expect(statementsOf(policy), id).toContainEqual(
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      );
    }
  });

  it('hide messages for six worker timeouts and keep dead letters longer than other messages', () => {
    expect(TIMING.visibilityTimeoutSeconds).toBeGreaterThanOrEqual(6 * TIMING.functionTimeoutSeconds);
    expect(SETTINGS.deadLetterRetentionSeconds).toBeGreaterThan(2 * SETTINGS.queueRetentionSeconds);
  });

  it("accept notifications only from S3, for this account's upload buckets", () => {
    const policy = resource(synthesize(EVERYTHING), 'AWS::SQS::QueuePolicy', 'PipelineConversionQueuePolicy');
    const allowed = statementsOf(policy).filter(({ Effect }) => Effect === 'Allow');
    const arn = (...name: unknown[]) => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ...name]] });
    expect(allowed).toEqual([
      expect.objectContaining({
        Principal: { Service: 's3.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Condition: {
          ArnEquals: {
            'aws:SourceArn': [
              arn(':s3:::photos-', { Ref: 'AWS::AccountId' }, '-', { Ref: 'AWS::Region' }),
              arn(':s3:::scans'),
              arn(':s3:::faxes'),
            ],
          },
          StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
        },
      }),
    ]);
  });

  it('accept them before a bucket sends the first, which S3 tests', () => {
    const template = synthesize(EVERYTHING);
    const [policy = ''] =
      resourcesOf(template, 'AWS::SQS::QueuePolicy').find(([id]) =>
        id.startsWith('PipelineConversionQueuePolicy'),
      ) ?? [];
    const notifying = {
      ...template.findResources('AWS::S3::Bucket'),
      ...template.findResources('Custom::S3BucketNotifications'),
    };
    const waiting = Object.entries(notifying).filter(([id]) => /^Pipeline(Uploads|Adopted)/.test(id));
    expect(waiting).toHaveLength(3);
    for (const [id, { DependsOn }] of waiting as [string, { DependsOn?: string[] }][])
      expect(DependsOn, id).toContain(policy);
  });

  it('move failed messages to a dead-letter queue that accepts only theirs', () => {
    const template = synthesize();
    const queue = (id: string) => resource(template, 'AWS::SQS::Queue', id);
    const { redrivePermission, sourceQueueArns } = queue('PipelineDeadLetterQueue')['RedriveAllowPolicy'] as {
      redrivePermission: string;
      sourceQueueArns: unknown[];
    };
    expect(redrivePermission).toBe('byQueue');
    const names = ['PipelineConversionQueue', 'PipelineRetryQueue'].map((id) =>
      String(queue(id)['QueueName']),
    );
    expect(sourceQueueArns.map((arn) => JSON.stringify(arn).match(/:([\w-]+)"\]\]/)?.[1])).toEqual(names);
  });
});

describe('the worker', () => {
  it('runs on arm64 and Node 24, with tracing and log retention', () => {
    const template = synthesize();
    const worker = resource(template, 'AWS::Lambda::Function', 'PipelineWorker');
    expect(worker).toMatchObject({
      Architectures: ['arm64'],
      Runtime: 'nodejs24.x',
      Timeout: TIMING.functionTimeoutSeconds,
      MemorySize: 1769,
      TracingConfig: { Mode: 'Active' },
    });
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
    const groups = resourcesOf(template, 'AWS::Logs::LogGroup').map(([id]) => id);
    const { LogGroup } = worker['LoggingConfig'] as { LogGroup: { Ref: string } };
    expect(groups).toContain(LogGroup.Ref);
  });

  it('receives batches from the conversion queue and single messages from the retry queue, reports each message, and has bounded concurrency', () => {
    const settings = synthesize({ concurrency: 7, retryConcurrency: 3 });
    const sources = resourcesOf(settings, 'AWS::Lambda::EventSourceMapping').map(([, source]) => source);
    const source = (id: string, batch: number, concurrency: number) => ({
      EventSourceArn: { 'Fn::GetAtt': [expect.stringContaining(id), 'Arn'] },
      FunctionName: { Ref: expect.stringContaining('PipelineWorker') },
      BatchSize: batch,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: concurrency },
    });
    expect(sources).toEqual([
      source('PipelineConversionQueue', TIMING.batchSize, 7),
      source('PipelineRetryQueue', SETTINGS.retryBatchSize, 3),
    ]);
  });
});

describe("the recipe's generation", () => {
  it('is requested again only if the recipe or its revision changes', () => {
    const asked = (recipe: Recipe, settings: Settings = {}) =>
      resourcesOf(synthesize(settings, recipe), 'Custom::MillraceRecipeGeneration').map(
        ([, properties]) => properties,
      );
    const [{ ServiceToken: token, ...rest } = {}] = asked(DEFAULT_RECIPE);
    expect(rest).toEqual({ RecipeId: recipeId(DEFAULT_RECIPE), Revision: 1 });
    expect(JSON.stringify(token)).toContain('RecipeNumbering');
    const other = parseRecipe('{"renditions":[{"name":"thumb","width":320}]}');
    expect(asked(other)).toMatchObject([{ RecipeId: recipeId(other) }]);
    expect(asked(DEFAULT_RECIPE, { recipeRevision: 2 })).toMatchObject([{ Revision: 2 }]);
  });

  it('reaches the worker, the API, the redrive runner, the reconciler and the command', () => {
    const generation = expect.objectContaining({
      'Fn::GetAtt': [expect.stringMatching(/RecipeGeneration/), 'Generation'],
    });
    const template = synthesize();
    const told = resourcesOf(template, 'AWS::Lambda::Function')
      .map(([, { Environment }]) => (Environment as { Variables?: Properties } | undefined)?.Variables ?? {})
      .filter((variables) => ENV.recipe in variables)
      .map((variables) => variables[ENV.generation]);
    expect(told).toHaveLength(4);
    for (const each of told) expect(each).toEqual(generation);
    expect(template.findOutputs('Generation')).toMatchObject({ Generation: { Value: generation } });
  });
});

describe('the idempotency table', () => {
  it('is billed per request, expires its items, and can be restored', () => {
    expect(resource(synthesize(), 'AWS::DynamoDB::Table', 'PipelineIdempotency')).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      TimeToLiveSpecification: { AttributeName: 'expiration', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  });
});

describe('the expiry guard', () => {
  it('runs every hour, with the environment that its function reads', () => {
    const template = synthesize();
    const guard = resource(template, 'AWS::Lambda::Function', 'PipelineExpiryGuard');
    const { Variables } = guard['Environment'] as { Variables: Record<string, unknown> };
    const filled = Object.fromEntries(Object.keys(Variables).map((name) => [name, 'a value']));
    expect(readGuardConfig(filled)).toMatchObject({ failureBucket: 'a value' });
    expect(resource(template, 'AWS::Events::Rule', 'PipelineExpiryGuardSchedule')).toMatchObject({
      ScheduleExpression: 'rate(1 hour)',
      State: 'ENABLED',
      Targets: [{ Arn: { 'Fn::GetAtt': [expect.stringContaining('PipelineExpiryGuard'), 'Arn'] } }],
    });
  });
});

describe('the reconciler', () => {
  const schedule = (settings: Settings) =>
    resource(synthesize(settings), 'AWS::Events::Rule', 'PipelineReconcilerSchedule');

  it('runs once a day, as often as configured, or never', () => {
    expect(schedule({})).toMatchObject({
      ScheduleExpression: 'rate(1 day)',
      State: 'ENABLED',
      Targets: [{ Arn: { 'Fn::GetAtt': [expect.stringContaining('PipelineReconciler'), 'Arn'] } }],
    });
    expect(schedule({ reconcile: 6 })).toMatchObject({ ScheduleExpression: 'rate(6 hours)' });
    expect(schedule({ reconcile: 'off' })).toMatchObject({ State: 'DISABLED' });
  });

  it('writes to no bucket, and sends only to its own queue', () => {
    const lines = statementLines(synthesize()).filter((line) => line.startsWith('PipelineReconciler'));
    expect(lines.map((line) => line.replace(/^\w+: /, ''))).toEqual([
      'Allow logs:CreateLogStream logs:PutLogEvents on <PipelineReconcilerLogs.Arn>',
      'Allow xray:PutTraceSegments xray:PutTelemetryRecords on *',
      `Allow s3:ListBucket on <${UPLOADS}.Arn> <PipelineResults.Arn> <PipelineFailures.Arn>`,
      `Allow s3:GetObject on <${UPLOADS}.Arn>/* <PipelineResults.Arn>/* <PipelineFailures.Arn>/*`,
      'Allow sqs:SendMessage on <PipelineConversionQueue.Arn>',
      'Allow lambda:InvokeFunction on <PipelineReconciler.Arn>',
    ]);
  });
});

it("the worker may send messages to the queue that invokes it, without Lambda's recursive loop detection", () => {
  expect(resource(synthesize(), 'AWS::Lambda::Function', 'PipelineWorker')).toMatchObject({
    RecursiveLoop: 'Allow',
  });
});

it("the worker's temporary folder has Lambda's 512 MB, or the requested space", () => {
  const spaces = [synthesize(), synthesize({ workerStorage: 4096 })].map(
    (each) => resource(each, 'AWS::Lambda::Function', 'PipelineWorker')['EphemeralStorage'],
  );
  expect(spaces).toEqual([undefined, { Size: 4096 }]);
  expect(() => synthesize({ workerStorage: 511 })).toThrow('workerStorage');
});

describe('self-invoking functions', () => {
  it.each(['ApiRedriveRunner', 'PipelineReconciler'])(
    '%s has the maximum timeout, may invoke itself, and is not retried if it fails',
    (id) => {
      const template = synthesize();
      const fn = resource(template, 'AWS::Lambda::Function', id);
      expect(fn).toMatchObject({ Timeout: 900, RecursiveLoop: 'Allow' });
      const configs = resourcesOf(template, 'AWS::Lambda::EventInvokeConfig').map(([, config]) => config);
      expect(configs).toContainEqual(
        expect.objectContaining({
          FunctionName: { Ref: expect.stringMatching(new RegExp(`^${id}[0-9A-F]{8}$`)) },
          MaximumRetryAttempts: 0,
        }),
      );
      expect(configs).toHaveLength(2);
    },
  );
});
