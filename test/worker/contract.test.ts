import { createRequire } from 'node:module';
import { DeleteObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { DeleteMessageCommand } from '@aws-sdk/client-sqs';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { dirtyMessage } from '../../src/core/notification.ts';
import { corruptJpeg, photo } from '../support/images.ts';
import { deadLetters, listKeys, read, readReport } from '../support/pipeline.ts';
import type { Handler } from '../../src/worker/lambda-handler.ts';
import { contextOf, recordOf, startBench, type Bench } from '../support/worker.ts';
import { TIMING } from '../support/timing.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
  Object.assign(process.env, bench.env);
});
afterAll(async () => {
  await bench.stop();
});

interface Worker {
  handler: Handler;
}

/** The workers to test with Lambda's contract: the sources, and the deployed bundle. */
const WORKERS: [string, () => Promise<Worker>][] = [
  ['sources', () => import('../../src/worker/lambda.ts')],
  ['bundle', async () => createRequire(import.meta.url)('#functions/worker') as Worker],
];

async function etagOf(Key: string): Promise<string | undefined> {
  return (await bench.s3.send(new HeadObjectCommand({ Bucket: 'results', Key }))).ETag;
}

/** The worker's log lines. */
const lines: Record<string, unknown>[] = [];
beforeEach(() => {
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((line) => {
      lines.push(JSON.parse(String(line)) as Record<string, unknown>);
      return true;
    });
  }
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe.each(WORKERS)('the worker (%s)', (name, load) => {
  let handler: Handler;
  beforeAll(async () => {
    handler = (await load()).handler;
  });

  it('settles a batch: converts, rejects with a reason, and reports records that it could not settle', async () => {
    const put = (key: string, body: Buffer | string) =>
      bench.s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: `${name}/${key}`, Body: body }));
    await put('good é+1.jpg', await photo());
    await put('bad.jpg', await corruptJpeg());
    await put('text.jpg', 'I am no photo');
    const uploads = bench.conversion.receive(TIMING.batchSize);
    expect(uploads).toHaveLength(3);
    const malformed = recordOf('no notification', bench.resources.conversionQueue.arn);
    // Received before, and too large to be forwarded, so it cannot be settled.
    const stuck = recordOf('x'.repeat(1_100_000), bench.resources.conversionQueue.arn, 2);

    const answer = await handler({ Records: [...uploads, malformed, stuck] }, contextOf());
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: stuck.messageId }] });

    const results = (await listKeys(bench.s3, 'results')).filter((key) => key.startsWith(name));
    expect(results).toEqual([`${name}/good é+1.jpg`]);
    const result = await read(bench.s3, 'results', results[0] ?? '');
    expect(result).toMatchObject({
      contentType: 'image/webp',
      metadata: { width: '1024', rendition: 'web' },
    });
    expect(await readReport(bench.s3, `${name}/bad.jpg`)).toMatchObject({
      status: 'failed',
      code: 'image.corrupt',
      attempt: 1,
    });
    expect(await readReport(bench.s3, `${name}/text.jpg`)).toMatchObject({
      status: 'failed',
      code: 'image.unsupported_format',
    });

    const letters = await deadLetters({
      sqs: bench.sqs,
      queues: { conversion: '', retry: '', deadLetter: bench.resources.deadLetterQueue.url },
    });
    const reasons = letters.map(({ MessageAttributes = {} }) => MessageAttributes['code']?.StringValue);
    expect(reasons).toHaveLength(3);
    expect(new Set(reasons)).toEqual(
      new Set(['image.corrupt', 'image.unsupported_format', 'notification.malformed']),
    );
    for (const { MessageAttributes = {} } of letters) {
      expect(MessageAttributes['attempts']).toEqual({ DataType: 'Number', StringValue: '1' });
      expect(MessageAttributes['message']?.StringValue).toMatch(/\w+ \w+/);
    }
    bench.conversion.delete(uploads);
    for (const { ReceiptHandle = '' } of letters) {
      await bench.sqs.send(
        new DeleteMessageCommand({ QueueUrl: bench.resources.deadLetterQueue.url, ReceiptHandle }),
      );
    }
  });

  it('converts every format, once despite duplicates, and skips deleted uploads', async () => {
    const small = sharp(await photo()).resize(64);
    const keys = ['avif', 'gif', 'png', 'tiff', 'webp'].map((format) => `${name} again/a.${format}`);
    for (const Key of keys) {
      const Body = await small
        .clone()
        .toFormat(Key.split('.')[1] as 'png')
        .toBuffer();
      await bench.s3.send(new PutObjectCommand({ Bucket: 'uploads', Key, Body }));
    }
    const gone = `${name} again/gone.png`;
    await bench.s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: gone, Body: 'x' }));
    await bench.s3.send(new DeleteObjectCommand({ Bucket: 'uploads', Key: gone }));
    const uploads = bench.conversion.receive(TIMING.batchSize);
    expect(uploads).toHaveLength(6);
    expect(await handler({ Records: uploads }, contextOf())).toEqual({ batchItemFailures: [] });
    const results = async () => {
      const all = (await listKeys(bench.s3, 'results')).filter((key) => key.startsWith(`${name} again/`));
      return Promise.all(all.map(async (key) => [key, await etagOf(key)] as const));
    };
    const before = await results();
    expect(before.map(([key]) => key)).toEqual(keys);

    const retry = bench.resources.retryQueue.arn;
    const forwarded = keys.map((key) => recordOf(dirtyMessage({ bucket: 'uploads', key }), retry, 2));
    for (const record of forwarded)
      expect(await handler({ Records: [record] }, contextOf())).toEqual({ batchItemFailures: [] });
    expect(await handler({ Records: uploads }, contextOf())).toEqual({ batchItemFailures: [] });
    bench.conversion.delete(uploads);
    expect(await results()).toEqual(before);
    expect(await readReport(bench.s3, gone)).toBeUndefined();
  });

  it('writes one metrics document and structured lines with the message and the object', async () => {
    lines.length = 0;
    await bench.s3.send(
      new PutObjectCommand({ Bucket: 'uploads', Key: `${name}/logged.jpg`, Body: await photo() }),
    );
    const [upload] = bench.conversion.receive(1);
    if (upload === undefined) throw new Error('expected a message');
    const context = contextOf();
    await handler({ Records: [upload] }, context);
    bench.conversion.delete([upload]);

    const converted = lines.find(({ message }) => message === 'converted');
    expect(converted).toMatchObject({
      level: 'INFO',
      messageId: upload.messageId,
      requestId: context.awsRequestId,
      lane: 'batch',
      bucket: 'uploads',
      key: `${name}/logged.jpg`,
    });
    const emf = lines.filter((line) => '_aws' in line);
    expect(emf).toHaveLength(1);
    expect(emf[0]).toMatchObject({ Converted: 1, BytesIn: (await photo()).byteLength, service: 'worker' });
    for (const phase of ['Check', 'Open', 'Read', 'Convert', 'Store']) {
      expect(emf[0]?.[`${phase}Milliseconds`], phase).toBeGreaterThan(0);
    }
  });
});
