import { Aws, CfnOutput, Fn, NestedStack, Stack, type App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket, BucketNotificationDestinationType, EventType, type IBucket } from 'aws-cdk-lib/aws-s3';
import { SqsDestination } from 'aws-cdk-lib/aws-s3-notifications';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { newBucketName } from '../../../cdk/bucket-name.ts';
import { ConversionPipeline, Monitoring, UploadApi } from '../../../cdk/index.ts';
import { deploymentFromOutputs, OUTPUTS } from '../../../src/core/deployment.ts';
import type { Namespace } from '../../../src/core/result-keys.ts';
import { resultSource } from '../../../src/core/result-locations.ts';
import { resourcesOf } from '../resources.ts';
import { withApp } from '../synthesize.ts';

const JWT = { kind: 'jwt', issuer: 'https://issuer.example', audience: ['photos'] } as const;
/** A destination of notifications. */
const NOBODY = { bind: () => ({ arn: 'arn:aws:sqs:::x', type: BucketNotificationDestinationType.QUEUE }) };

/** Returns the template of a stack in another app. */
function templateOf(build: (stack: Stack) => void): Template {
  return withApp({}, (app) => Template.fromStack(stackIn(app, 'Theirs', build)));
}

function stackIn(app: App, id: string, build: (stack: Stack) => void): Stack {
  const stack = new Stack(app, id);
  build(stack);
  return stack;
}

/** Adds a complete pipeline. */
function everything(stack: Stack, id: string, name: string): void {
  const pipeline = new ConversionPipeline(stack, id, { uploadBuckets: [{ create: name }] });
  const api = new UploadApi(stack, `${id}Api`, { pipeline });
  new Monitoring(stack, `${id}Monitoring`, { pipeline, api });
}

/** Resources whose explicit names must be unique in an account. */
function namesIn(template: Template): string[] {
  const named = {
    'AWS::CloudWatch::Alarm': 'AlarmName',
    'AWS::S3::Bucket': 'BucketName',
    'AWS::SQS::Queue': 'QueueName',
  };
  return Object.entries(named).flatMap(([type, property]) =>
    resourcesOf(template, type).flatMap(([, properties]) =>
      properties[property] === undefined ? [] : [`${type} ${JSON.stringify(properties[property])}`],
    ),
  );
}

/** Returns outputs as CloudFormation does, with a value for each reference. */
function answered(template: Template): Map<string, string> {
  return new Map(
    Object.entries(template.findOutputs('*')).map(([name, { Value }]: [string, { Value?: unknown }]) => [
      name,
      typeof Value === 'string' ? Value : name.endsWith(OUTPUTS.generation) ? '7' : `made ${name}`,
    ]),
  );
}

describe("in somebody else's app", () => {
  it('two complete pipelines fit into one stack', () => {
    const template = templateOf((stack) => {
      everything(stack, 'Photos', 'photos');
      everything(stack, 'Scans', 'scans');
    });
    const names = namesIn(template);
    expect(names.length).toBeGreaterThan(20);
    expect(new Set(names).size).toBe(names.length);
  });

  it('a pipeline without a named upload bucket creates one with a unique name', () => {
    const twoPipelines = (stack: Stack) => {
      for (const id of ['Reports', 'Scans']) new ConversionPipeline(stack, id);
    };
    const names = withApp({}, (app) => {
      const stacks = ['Theirs', 'Long'.repeat(20)].map((id) => stackIn(app, id, twoPipelines));
      return stacks.flatMap((stack) => namesIn(Template.fromStack(stack)));
    });
    const beginnings = names.flatMap((name) => /^AWS::S3::Bucket .*?"([^"]+)-"/.exec(name)?.[1] ?? []);
    expect(beginnings[0]).toMatch(/^theirs-reports-[0-9a-f]{8}$/);
    expect(new Set(beginnings).size).toBe(4);
    for (const beginning of beginnings) expect(newBucketName.parse(beginning)).toBe(beginning);
  });

  it('two stacks fit into one account', () => {
    const names = withApp({}, (app) => {
      const stacks = ['One', 'Two'].map((id) =>
        stackIn(app, id, (stack) => everything(stack, 'Pipeline', `${id.toLowerCase()}-photos`)),
      );
      return stacks.flatMap((stack) => namesIn(Template.fromStack(stack)));
    });
    expect(names.length).toBeGreaterThan(20);
    expect(new Set(names).size).toBe(names.length);
  });

  it("the construct's outputs describe it to the command", () => {
    const outputs = answered(templateOf((stack) => everything(stack, 'Photos', 'photos')));
    expect(deploymentFromOutputs(outputs)).toMatchObject({
      resultBucket: 'made PhotosResultBucket',
      apiUrl: 'made PhotosApiUrl',
      deadLetterAlarm: 'Theirs-PhotosMonitoring-dead-letters',
    });
  });

  it('the command requires a name for one of several pipelines in a stack', () => {
    const outputs = answered(
      templateOf((stack) => {
        everything(stack, 'Photos', 'photos');
        everything(stack, 'Scans', 'scans');
      }),
    );
    expect(() => deploymentFromOutputs(outputs)).toThrow(
      'it has 2 pipelines: add /Photos or /Scans to its name',
    );
    expect(deploymentFromOutputs(outputs, 'Scans').resultBucket).toBe('made ScansResultBucket');
    expect(() => deploymentFromOutputs(outputs, 'Faxes')).toThrow(
      'it has no pipeline Faxes: add /Photos or /Scans to its name',
    );
  });

  it('the API may be in a nested stack, or the pipeline, whose generation CloudFormation then passes on', () => {
    const nested = templateOf((stack) => {
      const pipeline = new ConversionPipeline(stack, 'Pipeline');
      new UploadApi(new NestedStack(stack, 'Nested'), 'Api', { pipeline });
    });
    expect(resourcesOf(nested, 'AWS::SSM::Parameter')).toEqual([]);
    const [, other] = withApp({}, (app) => {
      const stack = new Stack(app, 'Theirs');
      const pipeline = new ConversionPipeline(new NestedStack(stack, 'My Group'), 'Photos');
      const elsewhere = new Stack(app, 'Elsewhere');
      new UploadApi(elsewhere, 'Api', { pipeline });
      return [Template.fromStack(stack), Template.fromStack(elsewhere)];
    });
    const parameters = Object.values(other?.findParameters('*') ?? {});
    expect(parameters).toContainEqual(
      expect.objectContaining({ Default: '/millrace/Theirs/My.Group.Photos/generation' }),
    );
  });

  it('the API may be in another stack, and a pipeline may have two APIs and two sets of alarms', () => {
    const [template, other] = withApp({}, (app) => {
      const stack = new Stack(app, 'Theirs');
      const pipeline = new ConversionPipeline(stack, 'Photos', { uploadBuckets: [{ create: 'photos' }] });
      const api = new UploadApi(stack, 'Api', { pipeline });
      new UploadApi(stack, 'OtherApi', { pipeline });
      for (const id of ['Monitoring', 'OtherMonitoring']) new Monitoring(stack, id, { pipeline, api });
      const elsewhere = new Stack(app, 'Elsewhere');
      new UploadApi(elsewhere, 'Api', { pipeline });
      return [Template.fromStack(stack), Template.fromStack(elsewhere)];
    });
    expect(deploymentFromOutputs(answered(template)).apiUrl).toBe('made PhotosApiUrl');
    expect(other?.findOutputs('*')).toEqual({});
    // CloudFormation refuses to change a value that another stack imports, and each change of the recipe changes this.
    expect(JSON.stringify(template?.findOutputs('Export*'))).not.toContain('RecipeGeneration');
    template?.hasResourceProperties('AWS::SSM::Parameter', {
      Name: '/millrace/Theirs/Photos/generation',
      Value: { 'Fn::GetAtt': [Match.stringLikeRegexp('RecipeGeneration'), 'Generation'] },
    });
    const [parameter] = Object.keys(
      other?.findParameters('*', {
        Type: 'AWS::SSM::Parameter::Value<String>',
        Default: '/millrace/Theirs/Photos/generation',
      }) ?? {},
    );
    const numbers = resourcesOf(other ?? template, 'AWS::Lambda::Function').flatMap(([, { Environment }]) => {
      const { Variables } = (Environment ?? {}) as { Variables?: Record<string, unknown> };
      return Variables?.['MILLRACE_GENERATION'] ?? [];
    });
    expect(numbers).toEqual([{ Ref: parameter }, { Ref: parameter }]);
    // IAM refuses policies in which two statements have the same id.
    for (const [id, { PolicyDocument }] of resourcesOf(template, 'AWS::IAM::Policy')) {
      const { Statement } = PolicyDocument as { Statement: { Sid?: string }[] };
      const ids = Statement.flatMap(({ Sid }) => Sid ?? []);
      expect(ids, id).toEqual([...new Set(ids)]);
    }
  });

  it('an API only in another stack has no output in the stack of the pipeline', () => {
    const template = withApp({}, (app) => {
      const stack = new Stack(app, 'Theirs');
      const pipeline = new ConversionPipeline(stack, 'Photos');
      new UploadApi(new Stack(app, 'Elsewhere'), 'Api', { pipeline });
      return Template.fromStack(stack);
    });
    expect(Object.keys(template.findOutputs('*'))).toContain('PhotosResultBucket');
    expect(template.findOutputs('PhotosApiUrl')).toEqual({});
  });

  it('outputs begin with the ids from the stack to the construct, without what CloudFormation refuses', () => {
    const template = templateOf((stack) => {
      new ConversionPipeline(new Construct(stack, 'My-Group'), 'Photos');
    });
    expect(Object.keys(template.findOutputs('*'))).toContain('MyGroupPhotosResultBucket');
  });

  it('the alarms of two Monitoring constructs in a parent that is also called Monitoring have different names', () => {
    const template = templateOf((stack) => {
      const pipeline = new ConversionPipeline(stack, 'Pipeline');
      const group = new Construct(stack, 'Monitoring');
      for (const id of ['One', 'Two']) new Monitoring(group, id, { pipeline });
    });
    const names = namesIn(template);
    expect(names).toContain('AWS::CloudWatch::Alarm "Theirs-Monitoring-One-dead-letters"');
    expect(new Set(names).size).toBe(names.length);
  });

  it('the API is closed, no page of another origin may use it, and alarms link to the folder docs', () => {
    const template = templateOf((stack) => everything(stack, 'Photos', 'photos'));
    const routes = resourcesOf(template, 'AWS::ApiGatewayV2::Route').map(
      ([, { RouteKey, AuthorizationType }]) => `${String(RouteKey)}: ${String(AuthorizationType)}`,
    );
    expect(routes.toSorted()).toEqual([
      'ANY /: AWS_IAM',
      'ANY /ops/{proxy+}: AWS_IAM',
      'ANY /ops: AWS_IAM',
      'ANY /{proxy+}: AWS_IAM',
    ]);
    for (const type of ['AWS::ApiGatewayV2::Api', 'AWS::S3::Bucket'])
      for (const [id, properties] of resourcesOf(template, type))
        expect(properties, id).not.toHaveProperty('CorsConfiguration');
    for (const [id, { AlarmDescription }] of resourcesOf(template, 'AWS::CloudWatch::Alarm'))
      expect(AlarmDescription, id).toMatch(/ docs\/runbook\.md#[\w-]+$/);
  });

  it("the pipeline's names of results tell other functions which upload a result belongs to", () => {
    const names = withApp({}, (app) => {
      const stack = new Stack(app, 'Theirs');
      const uploadBuckets = [{ adopt: 'scans' }, { adopt: 'faxes' }];
      const { resultNames } = new ConversionPipeline(stack, 'Pipeline', { uploadBuckets });
      return JSON.parse(String(stack.resolve(resultNames))) as Namespace;
    });
    expect(resultSource('faxes/2026/a.pdf', names)).toMatchObject({ bucket: 'faxes', key: '2026/a.pdf' });
  });

  it('a pipeline needs neither an API nor alarms', () => {
    const template = templateOf((stack) => {
      const pipeline = new ConversionPipeline(stack, 'Pipeline', { uploadBuckets: [{ create: 'photos' }] });
      new Monitoring(stack, 'Monitoring', { pipeline });
    });
    expect(resourcesOf(template, 'AWS::ApiGatewayV2::Api')).toEqual([]);
    expect(resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([, { AlarmName }]) => AlarmName)).toContain(
      'Theirs-dead-letters',
    );
    expect(deploymentFromOutputs(answered(template))).not.toHaveProperty('apiUrl', expect.anything());
  });

  it("the app's own outputs do not interfere", () => {
    const template = templateOf((stack) => {
      for (const name of ['ResultBucket', 'ApiUrl', 'OurConversionQueueUrl'])
        new CfnOutput(stack, name, { value: 'of theirs' });
      everything(stack, 'Pipeline', 'photos');
    });
    expect(deploymentFromOutputs(answered(template)).resultBucket).toBe('made PipelineResultBucket');
    expect(deploymentFromOutputs(answered(template), 'Pipeline').resultBucket).toBe(
      'made PipelineResultBucket',
    );
  });

  it.each([
    [
      'by its name',
      (stack: Stack) => ({ adopt: 'scans', theirs: Bucket.fromBucketName(stack, 'Other', 'other') }),
    ],
    [
      'as their construct',
      (stack: Stack) => {
        const theirs = new Bucket(stack, 'Mine');
        return { adopt: theirs, theirs };
      },
    ],
  ])("a bucket adopted %s keeps the app's own notifications working", (_how, buckets) => {
    const template = templateOf((stack) => {
      const { adopt, theirs } = buckets(stack);
      new ConversionPipeline(stack, 'Pipeline', { uploadBuckets: [{ adopt }] });
      theirs.addEventNotification(EventType.OBJECT_REMOVED, new SqsDestination(new Queue(stack, 'Removed')));
    });
    const notified = resourcesOf(template, 'Custom::S3BucketNotifications');
    // CDK's function that makes all these changes has permission for each bucket.
    const allowed = resourcesOf(template, 'AWS::IAM::Policy')
      .map(([, { PolicyDocument }]) => JSON.stringify(PolicyDocument))
      .filter((policy) => policy.includes('s3:PutBucketNotification'));
    expect(notified.length).toBeGreaterThan(0);
    expect(allowed).toHaveLength(notified.length);
    const events = notified.flatMap(([, { NotificationConfiguration }]) =>
      (
        NotificationConfiguration as { QueueConfigurations: { Events: string[] }[] }
      ).QueueConfigurations.flatMap(({ Events }) => Events),
    );
    expect(events.toSorted()).toEqual(['s3:ObjectCreated:*', 's3:ObjectRemoved:*']);
  });

  it.each<[string, object]>([
    ['uploadBuckets[0].create: expected lower-case letters', { uploadBuckets: [{ create: 'My_Photos' }] }],
    ['uploadBuckets[0].adopt: is not a valid bucket name', { uploadBuckets: [{ adopt: 'my photos' }] }],
    ['uploadBuckets: expected at least one bucket', { uploadBuckets: [] }],
    ['reconcile: ', { reconcile: 48 }],
    ['logDays: is not a retention period', { logDays: 45 }],
    ['recipeRevision: ', { recipeRevision: 0 }],
    ['oldVersionDays: ', { oldVersionDays: 0.5 }],
    ['browserOrigins[1]: expected an exact origin', { browserOrigins: ['https://a.example', 'https://*'] }],
  ])('a pipeline refuses a property that only the deployment would refuse: %s', (message, properties) => {
    expect(() => templateOf((stack) => void new ConversionPipeline(stack, 'Pipeline', properties))).toThrow(
      message,
    );
  });

  it('a pipeline adopts a bucket with a name from before 2018, or one that is only known in the deployment', () => {
    for (const adopt of ['My_Photos', Bucket.fromBucketName(new Stack(), 'Other', Fn.importValue('Bucket'))])
      expect(() =>
        templateOf((stack) => void new ConversionPipeline(stack, 'Pipeline', { uploadBuckets: [{ adopt }] })),
      ).not.toThrow();
  });

  it.each<[string, object]>([
    ['openRoutes[0]: operations routes cannot be open', { openRoutes: ['GET /ops/dead-letters'] }],
    ['openRoutes[0]: operations routes cannot be open', { openRoutes: ['POST /ops/redrives'] }],
    ['authorization.operationsScope: ', { authorization: { ...JWT, operationsScope: '' } }],
    ['authorization.audience: ', { authorization: { ...JWT, audience: [] } }],
    ['authorization.kind: ', { authorization: { kind: 'none' } }],
    ['openRoutes[1]: operations routes', { openRoutes: [Fn.importValue('Route'), 'GET /ops/dead-letters'] }],
    [
      'authorization.audience: ',
      { authorization: { ...JWT, issuer: Fn.importValue('Issuer'), audience: [] } },
    ],
    ['logDays: is not a retention period', { logDays: 45 }],
  ])('an API refuses a property that would open it, or fail the deployment: %s', (message, properties) => {
    const build = (stack: Stack) => {
      const pipeline = new ConversionPipeline(stack, 'Pipeline');
      new UploadApi(stack, 'Api', { pipeline, ...properties });
    };
    expect(() => templateOf(build)).toThrow(message);
  });

  it("an API whose tokens have the issuer's usual scope, or an issuer known only when it is deployed, requires a scope for operations", () => {
    for (const issuer of [JWT.issuer, `https://cognito-idp.${Aws.REGION}.amazonaws.com/pool`]) {
      const template = templateOf((stack) => {
        const pipeline = new ConversionPipeline(stack, 'Pipeline');
        new UploadApi(stack, 'Api', { pipeline, authorization: { ...JWT, issuer } });
      });
      const operations = resourcesOf(template, 'AWS::ApiGatewayV2::Route').filter(([, { RouteKey }]) =>
        String(RouteKey).includes(' /ops'),
      );
      expect(operations.map(([, { AuthorizationScopes }]) => AuthorizationScopes)).toEqual([
        ['millrace/operations'],
        ['millrace/operations'],
      ]);
    }
  });

  it('alarms refuse an address that is none', () => {
    const build = (stack: Stack) => {
      const pipeline = new ConversionPipeline(stack, 'Pipeline');
      new Monitoring(stack, 'Monitoring', { pipeline, alarmEmail: 'nobody' });
    };
    expect(() => templateOf(build)).toThrow('alarmEmail: ');
  });

  it.each([
    ['of events', (bucket: IBucket) => bucket.addEventNotification(EventType.OBJECT_REMOVED, NOBODY)],
    ['through EventBridge', (bucket: IBucket) => bucket.enableEventBridgeNotification()],
  ])(
    "notifications %s that the app adds to a created bucket fail the synthesis, because CDK's replace ours",
    (_how, add) => {
      const build = (stack: Stack) => {
        const uploadBuckets = [{ create: 'photos' }];
        for (const bucket of new ConversionPipeline(stack, 'Pipeline', { uploadBuckets }).uploadBuckets)
          add(bucket);
      };
      expect(() => templateOf(build)).toThrow(
        /notifications that the app adds to Uploads-photos .*\. Create the bucket in your app/,
      );
    },
  );

  it("worker and API may use an adopted bucket's key, and need none for the others", () => {
    const actionsOnKeys = (encrypted: boolean) => {
      const template = templateOf((stack) => {
        const bucket = new Bucket(stack, 'Theirs', encrypted ? { encryptionKey: new Key(stack, 'Key') } : {});
        const pipeline = new ConversionPipeline(stack, 'Pipeline', { uploadBuckets: [{ adopt: bucket }] });
        new UploadApi(stack, 'Api', { pipeline });
      });
      return resourcesOf(template, 'AWS::IAM::Policy').flatMap(([id, { PolicyDocument }]) =>
        (PolicyDocument as { Statement: { Action: string | string[] }[] }).Statement.map(({ Action }) =>
          [Action].flat(),
        )
          .filter(([action]) => action?.startsWith('kms:'))
          .map((actions) => `${id.replace(/Role.*/, '')}: ${actions.join(', ')}`),
      );
    };
    expect(actionsOnKeys(true)).toEqual([
      expect.stringMatching(/^PipelineWorker.*: kms:Decrypt$/),
      expect.stringMatching(/^ApiFunction.*: kms:Decrypt, kms:GenerateDataKey$/),
    ]);
    expect(actionsOnKeys(false)).toEqual([]);
  });

  it("an adopted bucket of the app is one of the pipeline's upload buckets", () => {
    const template = templateOf((stack) => {
      new ConversionPipeline(stack, 'Pipeline', { uploadBuckets: [{ adopt: new Bucket(stack, 'Mine') }] });
    });
    const mine = resourcesOf(template, 'AWS::S3::Bucket').find(([id]) => id.startsWith('Mine'))?.[0];
    expect(template.findOutputs(`Pipeline${OUTPUTS.uploadBuckets}`)).toEqual({
      [`Pipeline${OUTPUTS.uploadBuckets}`]: { Value: { Ref: mine } },
    });
    const [, policy] =
      resourcesOf(template, 'AWS::SQS::QueuePolicy').find(([id]) => id.includes('Conversion')) ?? [];
    expect(JSON.stringify(policy)).toContain(
      JSON.stringify({ 'aws:SourceArn': [{ 'Fn::GetAtt': [mine, 'Arn'] }] }),
    );
  });
});
