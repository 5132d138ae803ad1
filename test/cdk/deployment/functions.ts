import { Aws, Stack } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { createFunction } from '../../../cdk/function.ts';
import { ENV } from '../../../src/core/env.ts';
import { TIMING } from '../../support/timing.ts';
import { resource, resourcesOf, type Properties } from '../resources.ts';
import { EVERYTHING, synthesize, withApp } from '../synthesize.ts';

/** Returns a value for each function, by the id of its construct. */
const ofEach = <T>(value: (properties: Properties) => T) =>
  Object.fromEntries(
    resourcesOf(synthesize(), 'AWS::Lambda::Function').map(([id, properties]) => [
      id.replace(/[0-9A-F]{8}$/, ''),
      value(properties),
    ]),
  );

describe('the functions', () => {
  it('have the megabytes and the seconds that their work takes', () => {
    expect(ofEach(({ MemorySize, Timeout }) => [MemorySize, Timeout])).toEqual({
      PipelineWorker: [1769, TIMING.functionTimeoutSeconds],
      PipelineExpiryGuard: [512, 300],
      PipelineReconciler: [512, 900],
      PipelineRecipeNumbering: [128, 60],
      ApiFunction: [512, 29],
      ApiRedriveRunner: [1024, 900],
    });
  });

  it('include a worker with the configured memory, which converts as many objects at once as it has room for', () => {
    const worker = (workerMemory: number) => {
      const template = synthesize({ workerMemory });
      return resource(template, 'AWS::Lambda::Function', 'PipelineWorker') as {
        MemorySize: number;
        Environment: { Variables: Record<string, string> };
      };
    };
    const conversions = ({ Environment }: ReturnType<typeof worker>) =>
      Number(Environment.Variables[ENV.conversions]);
    expect(worker(3538).MemorySize).toBe(3538);
    expect(conversions(worker(3538))).toBeGreaterThan(conversions(worker(1769)));
  });

  it('have different code with the same handler', () => {
    const found = Object.values(ofEach(({ Code, Handler }) => ({ Code, Handler })));
    expect(new Set(found.map(({ Handler }) => Handler))).toEqual(new Set(['index.handler']));
    expect(new Set(found.map(({ Code }) => JSON.stringify(Code))).size).toBe(found.length);
  });

  const createWith = (environment: Record<string, string>) =>
    withApp({}, (app) =>
      createFunction(new Stack(app, 'Stack'), 'Worker', {
        description: '',
        code: 'worker',
        architecture: 'arm64',
        memory: 128,
        timeoutSeconds: 1,
        logDays: 1,
        environment,
      }),
    );

  it.each([
    ['name', { [`N${'N'.repeat(4096)}`]: '' }],
    ['value', { N: 'é'.repeat(2048) }],
    ['value with tokens', { N: `${Aws.REGION},${Aws.ACCOUNT_ID}${'n'.repeat(4096 - 19)}` }],
  ])('are refused if a %s makes the environment larger than Lambda allows', (_what, environment) => {
    expect(() => createWith(environment)).toThrow(
      'the environment of Worker has at least 4097 bytes, more than',
    );
  });

  it('are accepted if the environment may fit when its tokens have values', () => {
    const environment = { N: `${Aws.REGION},${Aws.ACCOUNT_ID}${'n'.repeat(4095 - 19)}` };
    expect(() => createWith(environment)).not.toThrow();
  });

  it('may be assumed by Lambda only', () => {
    for (const [id, { AssumeRolePolicyDocument }] of resourcesOf(synthesize(), 'AWS::IAM::Role'))
      expect(AssumeRolePolicyDocument, id).toMatchObject({
        Statement: [
          { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
        ],
      });
  });

  it('keep logs as long as configured, and so does the API', () => {
    const template = synthesize({ logDays: 7 });
    expect(resourcesOf(template, 'AWS::Logs::LogGroup')).toHaveLength(7);
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 7 });
  });
});

describe('when the stack is deleted', () => {
  it('everything but the buckets goes with it', () => {
    const template = synthesize(EVERYTHING);
    for (const type of ['AWS::SQS::Queue', 'AWS::DynamoDB::Table', 'AWS::Logs::LogGroup', 'AWS::KMS::Key']) {
      const found = Object.entries(template.findResources(type));
      expect(found.length, type).toBeGreaterThan(0);
      for (const [id, each] of found)
        expect(each, id).toMatchObject({ DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
    }
  });
});
