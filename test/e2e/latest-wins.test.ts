import { createHash } from 'node:crypto';
import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { deadLetters, read, startTestPipeline, untilQuiet, type TestPipeline } from '../support/pipeline.ts';
import { takesLong } from '../support/takes-long.ts';

takesLong();

let pipeline: TestPipeline;
beforeAll(async () => {
  pipeline = await startTestPipeline({ faults: 7 });
});
afterAll(() => pipeline.stop());

const etagOf = (bytes: Buffer) => `"${createHash('md5').update(bytes).digest('hex')}"`;
const plain = (background: string) =>
  sharp({ create: { width: 32, height: 32, channels: 3, background } })
    .png()
    .toBuffer();

it('X, then Y, then X, 200 times concurrently over 20 keys under faults: every result is from the last upload', async () => {
  const [x, y] = await Promise.all([plain('#ff0000'), plain('#0000ff')]);
  const keys = Array.from({ length: 20 }, (_, index) => `key-${index}.png`);
  const put = (Key: string, Body: Buffer) =>
    pipeline.s3.send(new PutObjectCommand({ Bucket: 'uploads', Key, Body }));
  await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      const key = keys[index % keys.length] ?? '';
      for (const body of [x, y, x]) await put(key, body);
    }),
  );
  await untilQuiet(pipeline);

  for (const key of keys) {
    const source = await pipeline.s3.send(new HeadObjectCommand({ Bucket: 'uploads', Key: key }));
    const result = await read(pipeline.s3, 'results', key);
    expect(result?.metadata['source-version-id'], key).toBe(source.VersionId);
    // Also checks the bytes, not only the metadata.
    expect(result?.bytes.includes(source.VersionId ?? 'no version'), key).toBe(true);
    const [red, , blue] = await sharp(result?.bytes).raw().toBuffer();
    expect((red ?? 0) > (blue ?? 0), key).toBe(source.ETag === etagOf(x));
  }
  expect(await deadLetters(pipeline)).toEqual([]);
});
