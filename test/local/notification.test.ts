import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseNotification } from '../../src/core/notification.ts';
import { BUCKETS } from '../../src/local/resources.ts';
import { startBench, type Bench } from '../support/worker.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.stop());

describe('a notification of the local S3', () => {
  it('names an object so that the worker can read it, whatever its key contains', async () => {
    const bucket = BUCKETS.uploads;
    const key = 'a folder/é+%(1)!🏞️.jpg';
    const { VersionId: versionId } = await bench.s3.send(
      new PutObjectCommand({ Bucket: bucket, Key: key, Body: 'content' }),
    );
    const [record] = bench.conversion.receive(1);
    expect(versionId).toBeDefined();
    expect(parseNotification(record?.body ?? '')).toMatchObject({ objects: [{ bucket, key, versionId }] });
  });
});
