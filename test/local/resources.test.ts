import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DeleteObjectCommand,
  GetBucketLifecycleConfigurationCommand,
  GetObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startLocalAws } from '@millrace/local-aws';
import { localClientConfig } from '@millrace/local-aws/client-config';
import { OLD_VERSION_DAYS } from '../../src/core/lifecycle.ts';
import { DEFAULT_RECIPE, parseRecipe } from '../../src/core/recipe.ts';
import { createResources } from '../../src/local/resources.ts';
import { createTestFolder } from '../support/command-folder.ts';
import { listKeys } from '../support/pipeline.ts';
import { startBench, type Bench } from '../support/worker.ts';
import { objectsIn } from '../support/objects-in.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.stop());

async function attributesOf(QueueUrl: string) {
  const { Attributes = {} } = await bench.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
  );
  return Attributes;
}

async function tableAt(awsUrl: string) {
  const dynamo = new DynamoDBClient(localClientConfig(awsUrl));
  try {
    const { Table } = await dynamo.send(new DescribeTableCommand({ TableName: 'millrace-idempotency' }));
    return Table?.KeySchema;
  } finally {
    dynamo.destroy();
  }
}

const remove = (Key: string) => bench.s3.send(new DeleteObjectCommand({ Bucket: 'uploads', Key }));
const events = () =>
  bench.conversion.receive(10).flatMap(({ body }) => objectsIn(body).map(({ key }) => key));

describe('the resources of the local pipeline', () => {
  it('keep their contents at the next start, and get the settings of its recipe', async () => {
    await bench.upload('a.jpg');
    const before = await attributesOf(bench.resources.retryQueue.url);
    const slow = parseRecipe('{"limits":{"seconds":90},"whenDeleted":"delete"}');
    expect(await createResources(bench.aws.url, slow)).toEqual(bench.resources);
    const after = await attributesOf(bench.resources.retryQueue.url);
    expect(Number(after.VisibilityTimeout)).toBeGreaterThan(Number(before.VisibilityTimeout));
    expect(await listKeys(bench.s3, 'uploads')).toEqual(['a.jpg']);
    await remove('a.jpg');
    expect(events()).toEqual(['a.jpg', 'a.jpg']);
  });

  it('announce deletions only if the recipe deletes results', async () => {
    await bench.upload('a.jpg');
    await remove('a.jpg');
    expect(events()).toEqual(['a.jpg']);
  });

  it('keep former versions of an upload, and keep them for long enough', async () => {
    const object = { Bucket: 'uploads', Key: 'a.jpg' };
    const { VersionId } = await bench.s3.send(new PutObjectCommand({ ...object, Body: 'first' }));
    await bench.s3.send(new PutObjectCommand({ ...object, Body: 'second' }));
    const { Body } = await bench.s3.send(new GetObjectCommand({ ...object, VersionId }));
    expect(await Body?.transformToString()).toBe('first');
    const { Rules = [] } = await bench.s3.send(
      new GetBucketLifecycleConfigurationCommand({ Bucket: 'uploads' }),
    );
    expect(Rules).toContainEqual(
      expect.objectContaining({
        Status: 'Enabled',
        NoncurrentVersionExpiration: { NoncurrentDays: OLD_VERSION_DAYS },
      }),
    );
    expect(Rules).toContainEqual(
      expect.objectContaining({
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: expect.any(Number) },
      }),
    );
    expect(Rules).toContainEqual(
      expect.objectContaining({ Expiration: { ExpiredObjectDeleteMarker: true } }),
    );
  });

  it('expire nothing but the data of operations', async () => {
    const expiring: string[] = [];
    for (const Bucket of ['uploads', 'results', 'failures']) {
      const { Rules = [] } = await bench.s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
      for (const { Filter, Expiration } of Rules)
        if (Expiration?.Days !== undefined) expiring.push(`${Bucket}/${Filter?.Prefix}`);
    }
    expect(expiring.toSorted()).toEqual(
      ['archive', 'progress', 'redrives'].map((name) => `failures/.millrace/${name}/`),
    );
  });

  it('give up a message after several attempts, in both queues, and keep it for two weeks', async () => {
    const { conversionQueue, retryQueue, deadLetterQueue } = bench.resources;
    for (const { url } of [conversionQueue, retryQueue]) {
      const { RedrivePolicy = '' } = await attributesOf(url);
      expect(JSON.parse(RedrivePolicy)).toMatchObject({ deadLetterTargetArn: deadLetterQueue.arn });
    }
    const { MessageRetentionPeriod, RedrivePolicy } = await attributesOf(deadLetterQueue.url);
    expect([MessageRetentionPeriod, RedrivePolicy]).toEqual([String(14 * 86_400), undefined]);
  });

  it('have a table for idempotency, unless there are no duplicates', async () => {
    expect(await tableAt(bench.aws.url)).toEqual([{ AttributeName: 'id', KeyType: 'HASH' }]);
    const folder = await createTestFolder();
    const aws = await startLocalAws({
      port: 0,
      folder: folder.at('data'),
      keep: false,
      onError: () => undefined,
    });
    try {
      const resources = await createResources(aws.url, DEFAULT_RECIPE, { idempotency: false });
      expect(resources).not.toHaveProperty('idempotencyTable');
      await expect(tableAt(aws.url)).rejects.toThrow('not found');
    } finally {
      await aws.stop();
      await folder.remove();
    }
  });
});
