import {
  DeleteObjectCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/worker/config.ts';
import { createDeps } from '../../src/worker/deps.ts';
import { createWorker } from '../../src/worker/worker.ts';
import { insteadOfImages, textResult } from '../support/conversions.ts';
import { countMessages, listKeys, read } from '../support/pipeline.ts';
import { contextOf, startBench, type Bench } from '../support/worker.ts';

const conversions = insteadOfImages(async (content, { renditions, stamp }) =>
  renditions.map((name) => textResult(name, `${Buffer.from(content).toString()} [${stamp}]`)),
);

let bench: Bench;
beforeAll(() => {
  process.env['POWERTOOLS_LOG_LEVEL'] = 'SILENT';
  process.env['POWERTOOLS_METRICS_DISABLED'] = 'true';
});
beforeEach(async () => {
  bench = await startBench();
  Object.assign(process.env, bench.env);
  const Events = ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'] as const;
  const QueueConfigurations = [{ QueueArn: bench.resources.conversionQueue.arn, Events: [...Events] }];
  await bench.s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: 'uploads',
      NotificationConfiguration: { QueueConfigurations },
    }),
  );
});
afterEach(() => bench.stop());
afterAll(() => {
  delete process.env['POWERTOOLS_LOG_LEVEL'];
  delete process.env['POWERTOOLS_METRICS_DISABLED'];
});

/** Processes the bucket's notifications. */
async function settle(): Promise<void> {
  const handler = createWorker({ ...createDeps(readConfig(bench.env)), conversions, random: () => 0 });
  const { batchItemFailures } = await handler({ Records: bench.conversion.receive(10) }, contextOf());
  expect(batchItemFailures).toEqual([]);
}
const put = (Body: string) =>
  bench.s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: 'note.txt', Body }));
const remove = (VersionId?: string) =>
  bench.s3.send(new DeleteObjectCommand({ Bucket: 'uploads', Key: 'note.txt', VersionId }));
const result = async () => (await read(bench.s3, 'results', 'note.txt'))?.bytes.toString();

describe('a bucket that also notifies of deletions', () => {
  it("gets back the older upload's result after the latest version was deleted", async () => {
    await put('first');
    await settle();
    const { VersionId } = await put('second');
    await settle();
    expect(await result()).toMatch(/^second /);
    await remove(VersionId);
    await settle();
    expect(await result()).toMatch(/^first /);
  });

  it('gets the result of an upload that was restored before its conversion', async () => {
    await put('first');
    const { VersionId: marker } = await remove();
    await settle();
    expect(await listKeys(bench.s3, 'results')).toEqual([]);
    await remove(marker);
    await settle();
    expect(await result()).toMatch(/^first /);
  });

  it('has neither failures nor dead letters of deleted uploads', async () => {
    await put('first');
    await settle();
    await remove();
    await settle();
    expect(await listKeys(bench.s3, 'failures')).toEqual([]);
    for (const queue of ['retryQueue', 'deadLetterQueue'] as const)
      expect(await countMessages(bench.sqs, bench.resources[queue].url)).toBe(0);
  });
});
