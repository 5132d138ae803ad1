import { PutObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { dirtyMessage } from '../../src/core/notification.ts';
import { DEFAULT_RECIPE } from '../../src/core/recipe.ts';
import { localDeployment } from '../../src/local/deployment.ts';
import { findInProgress } from '../../src/local/in-progress.ts';
import { startBench, type Bench } from '../support/worker.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.stop());

const look = () => findInProgress(bench.aws, localDeployment('', bench.resources, DEFAULT_RECIPE));
const pending = (key: string, attempting = false) => ({
  bucket: 'uploads',
  key,
  state: 'pending' as const,
  uploadedAt: new Date(),
  bytes: 1,
  resultBytes: [],
  ...(attempting ? { attempting } : {}),
});

async function send(
  queue: 'conversionQueue' | 'retryQueue' | 'deadLetterQueue',
  MessageBody: string,
): Promise<void> {
  await bench.sqs.send(new SendMessageCommand({ QueueUrl: bench.resources[queue].url, MessageBody }));
}

/** Uploads without a notification. */
async function uploadUnheard(Key: string): Promise<void> {
  await bench.s3.send(new PutObjectCommand({ Bucket: 'uploads', Key, Body: 'some bytes' }));
  bench.conversion.delete(bench.conversion.receive(1));
}

it('an upload is in progress while a message in the conversion or retry queue names it', async () => {
  for (const key of ['lost', 'retried', 'dead']) await uploadUnheard(key);
  for (const key of ['waits é+.jpg', 'is received']) await bench.upload(key);
  const [, received] = bench.conversion.receive(2);
  expect(received?.body).toContain('is+received');
  await send('retryQueue', dirtyMessage({ bucket: 'uploads', key: 'retried' }));
  await send('deadLetterQueue', dirtyMessage({ bucket: 'uploads', key: 'dead' }));
  for (const body of ['no notification', dirtyMessage({ bucket: 'other', key: 'lost' })])
    await send('conversionQueue', body);

  const inProgress = look();
  expect(inProgress(pending('waits é+.jpg'))).toBe(true);
  expect(inProgress(pending('is received'))).toBe(true);
  expect(inProgress(pending('retried'))).toBe(true);
  expect(inProgress(pending('lost'))).toBe(false);
  expect(inProgress(pending('lost', true))).toBe(false);
  // Its report is missing; another attempt will write one.
  expect(inProgress(pending('dead'))).toBe(false);
  // It killed the process of its last attempt.
  expect(inProgress(pending('dead', true))).toBe(true);
});

it('later uploads send their own messages', async () => {
  await uploadUnheard('before');
  const inProgress = look();
  const before = Date.now();
  while (Date.now() === before);
  await bench.upload('after');
  expect(inProgress(pending('after'))).toBe(true);
  expect(inProgress(pending('before'))).toBe(false);
});
