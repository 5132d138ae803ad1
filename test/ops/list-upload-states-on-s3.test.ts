import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeResultMetadata } from '../../src/core/result-metadata.ts';
import { listUploadStates, type UploadState } from '../../src/ops/list-upload-states.ts';
import { startS3, type TestS3 } from '../../packages/local-aws/test/s3/server.ts';
import { byUtf8 } from '../support/fake-s3.ts';

describe('reconcile on S3', () => {
  let server: TestS3;
  beforeAll(async () => {
    server = await startS3();
  });
  afterAll(() => server.stop());

  it('handles several pages and all kinds of keys', async () => {
    const { s3 } = server;
    for (const Bucket of ['uploads', 'results', 'failures'])
      await s3.send(new CreateBucketCommand({ Bucket }));
    const names = Array.from({ length: 1100 }, (_, index) => `p/${index} + %41 é😀\u0001.jpg`);
    const scope = {
      uploadBuckets: ['uploads'],
      resultBucket: 'results',
      failureBucket: 'failures',
      recipeId: 'r',
      ignore: [],
      generation: 2,
      renditions: ['large', 'thumb'],
    };
    const put = async (Key: string) => {
      const { ETag = '' } = await s3.send(new PutObjectCommand({ Bucket: 'uploads', Key, Body: Key }));
      if (Key.includes('7')) return;
      for (const rendition of scope.renditions) {
        const Metadata = writeResultMetadata({
          sourceEtag: ETag.replaceAll('"', ''),
          recipe: 'r',
          generation: 2,
          stamp: 's',
          rendition,
          width: 1,
          height: 1,
        });
        await s3.send(
          new PutObjectCommand({ Bucket: 'results', Key: `${rendition}/${Key}`, Body: 'x', Metadata }),
        );
      }
    };
    const limit = pLimit(32);
    await Promise.all(names.map((Key) => limit(() => put(Key))));
    const entries: UploadState[] = [];
    for await (const entry of listUploadStates(s3, scope, 'p/')) entries.push(entry);
    expect(entries.map(({ key }) => key)).toEqual(names.toSorted(byUtf8));
    for (const { key, state } of entries) expect(state).toBe(key.includes('7') ? 'pending' : 'converted');
  });
});
