import {
  DeleteObjectCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectCompletions } from '../../src/local/completions.ts';
import { startBench, type Bench } from '../support/worker.ts';
import { objectsIn } from '../support/objects-in.ts';

let bench: Bench;
let url: string;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.stop());

const connect = async (wanted: boolean) => (await connectCompletions(bench.aws.url, wanted))?.url;
const put = (Bucket: string) =>
  bench.s3.send(new PutObjectCommand({ Bucket, Key: 'a b.jpg', Body: 'bytes' }));
/** Returns the objects that a queue's waiting messages name. */
async function named(queueUrl: string): Promise<string[]> {
  const command = new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 });
  const { Messages = [] } = await bench.sqs.send(command);
  return Messages.flatMap(({ Body = '' }) => objectsIn(Body)).map(({ bucket, key }) => `${bucket}/${key}`);
}

describe('the completion queue', () => {
  beforeEach(async () => {
    url = (await connect(true)) ?? '';
    // S3's test events.
    await named(url);
  });

  it('gets events for results and failures, and none for uploads', async () => {
    for (const bucket of ['uploads', 'results', 'failures']) await put(bucket);
    expect(await named(url)).toEqual(['results/a b.jpg', 'failures/a b.jpg']);
  });

  it('gets each event once after a second start, and none after a start without it', async () => {
    expect(await connect(true)).toBe(url);
    await named(url);
    await put('results');
    expect(await named(url)).toHaveLength(1);
    expect(await connect(false)).toBeUndefined();
    for (const bucket of ['results', 'failures']) await put(bucket);
    expect(await named(url)).toEqual([]);
  });

  it('keeps other notifications of the buckets', async () => {
    const theirs = { QueueArn: bench.resources.retryQueue.arn, Events: ['s3:ObjectRemoved:*' as const] };
    await bench.s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: 'results',
        NotificationConfiguration: { QueueConfigurations: [{ Id: 'theirs', ...theirs }] },
      }),
    );
    await named(bench.resources.retryQueue.url);
    for (const wanted of [true, false]) {
      await connect(wanted);
      await put('results');
      await bench.s3.send(new DeleteObjectCommand({ Bucket: 'results', Key: 'a b.jpg' }));
      expect(await named(bench.resources.retryQueue.url)).toEqual(['results/a b.jpg']);
    }
  });
});
