/**
 * The lower bound for a worker that uses the SDK: sends the worker's requests for each photo through the worker's
 * clients, and makes the renditions of `cascade`. Has no decisions, logs, metrics or batch response.
 */
import { DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { SQSEvent } from 'aws-lambda';
import pLimit from 'p-limit';
import { statusOf } from '../../../src/core/compare-and-set.ts';
import { createSdkClient, SERVICE_LIMITS } from '../../../src/core/sdk-client.ts';
import { IDEMPOTENCY_TABLE } from '../../../src/local/resources.ts';
import { growHeap } from '../../../src/worker/heap-growth.ts';
import { configureSharp } from '../../../src/worker/conversion/image/sharp.ts';
import { readWhole } from '../../../src/worker/read-whole.ts';
import { nameOf, WIDTHS, type Format } from '../recipe.ts';
import { render } from './render.ts';
import { uploadsIn } from './uploads-in.ts';

const format = process.env['BENCH_FORMAT'] as Format;
const Bucket = process.env['BENCH_RESULTS'];
const cores = Number(process.env['BENCH_CORES']);
const photos = pLimit(3 * cores);
const conversions = pLimit(cores);
const checksums = {
  responseChecksumValidation: 'WHEN_REQUIRED',
  requestChecksumCalculation: 'WHEN_REQUIRED',
} as const;
const s3 = createSdkClient(S3Client, checksums, SERVICE_LIMITS);
const dynamo = createSdkClient(DynamoDBClient, {}, SERVICE_LIMITS);

growHeap();
configureSharp();

export async function handler({ Records }: SQSEvent): Promise<void> {
  await photos.map(Records.flatMap(uploadsIn), ({ bucket, key }) => convert(bucket, key));
}

async function convert(uploads: string, key: string): Promise<void> {
  const record = { TableName: IDEMPOTENCY_TABLE, Key: { id: { S: key } } };
  await dynamo.send(
    new PutItemCommand({
      TableName: IDEMPOTENCY_TABLE,
      Item: { ...record.Key, status: { S: 'INPROGRESS' } },
      ConditionExpression: 'attribute_not_exists(id)',
    }),
  );
  const resultKey = (width: number) => `${nameOf(width)}/${key}`;
  await Promise.all(WIDTHS.map((width) => isMissing(resultKey(width))));
  const { Body, ContentLength = 0 } = await s3.send(new GetObjectCommand({ Bucket: uploads, Key: key }));
  const photo = await readWhole(Body as AsyncIterable<Uint8Array>, ContentLength);
  const made = await conversions(() => render(photo, format));
  await Promise.all(
    made.map(({ width, data }) =>
      s3.send(
        new PutObjectCommand({
          Bucket,
          Key: resultKey(width),
          Body: data,
          ContentType: `image/${format}`,
          IfNoneMatch: '*',
        }),
      ),
    ),
  );
  await dynamo.send(
    new UpdateItemCommand({
      ...record,
      UpdateExpression: 'SET #status = :status',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':status': { S: 'COMPLETED' } },
    }),
  );
}

/** @throws Error if the result exists: each batch has new keys */
async function isMissing(Key: string): Promise<void> {
  try {
    await s3.send(new HeadObjectCommand({ Bucket, Key }));
  } catch (error) {
    if (statusOf(error) === 404) return;
    throw error;
  }
  throw new Error(`${Key} exists`);
}
