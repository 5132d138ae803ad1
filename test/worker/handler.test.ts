import type { SQSRecord } from 'aws-lambda';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ObjectRef } from '../../src/core/object-ref.ts';
import type { Config } from '../../src/worker/config.ts';
import { createHandler } from '../../src/worker/handler.ts';
import { createIntake } from '../../src/worker/intake.ts';
import type { DeadLetterReason } from '../../src/worker/dead-letters.ts';
import type { Lane } from '../../src/worker/record.ts';
import type { Telemetry } from '../../src/worker/telemetry.ts';
import { dirtyMessage } from '../../src/core/notification.ts';
import { DEFAULT_RECIPE } from '../../src/core/recipe.ts';
import { contextOf, recordOf } from '../support/worker.ts';

const config = {
  recipe: DEFAULT_RECIPE,
  inFlight: 3,
  conversions: 1,
  retryQueueArn: 'arn:retry',
  uploadBuckets: ['uploads', 'scans'],
  ignore: DEFAULT_RECIPE.ignore,
} as unknown as Config;
const object: ObjectRef = { bucket: 'uploads', key: 'a.jpg' };

let settled: { lane: Lane; body: string; keys: object }[];
let forwarded: string[];
let notForwarded: string[];
let published: number;
let counted: string[];
let warned: object[];
let errors: object[];
let told: object[];
let keysNow: object[];
let work: (record: SQSRecord) => Promise<void>;
let forward: (records: SQSRecord[]) => Promise<string[]>;

const telemetry = {
  async within(keys: object, run: () => Promise<unknown>) {
    keysNow.push(keys);
    return run();
  },
  publish: () => void (published += 1),
  count: (counter: string) => void counted.push(counter),
  countRejection: (code: string) => void counted.push(code),
  info: (message: string, keys?: object) => void told.push({ message, keys }),
  error: (message: string, keys: object) => void errors.push({ message, keys }),
  warn: (message: string, keys: object, error?: unknown) => void warned.push({ message, keys, error }),
} as unknown as Telemetry;

beforeEach(() => {
  settled = [];
  forwarded = [];
  notForwarded = [];
  published = 0;
  counted = [];
  warned = [];
  errors = [];
  told = [];
  keysNow = [];
  work = async () => undefined;
  forward = async (records) => {
    forwarded = records.map(({ body }) => body);
    return notForwarded;
  };
});

const lane = (name: Lane) => async (objects: ObjectRef[], record: SQSRecord) => {
  expect(objects).toEqual([object]);
  settled.push({ lane: name, body: record.body, keys: keysNow.at(-1) ?? {} });
  await work(record);
};
const handler = () =>
  createHandler({
    config,
    forward: (records) => forward(records),
    intake: async () => [object],
    lanes: { batch: lane('batch'), retry: lane('retry') },
    idempotency: { register: () => undefined, once: () => Promise.reject(new Error('not asked')) },
    telemetry,
  });
const handle = async (...Records: SQSRecord[]) =>
  (await handler()({ Records }, contextOf())).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);

describe('a batch', () => {
  it('is settled in the lane of each record’s queue', async () => {
    expect(await handle(recordOf('a', 'arn:conversion'), recordOf('b', 'arn:retry'))).toEqual([]);
    expect(settled).toMatchObject([
      { lane: 'batch', body: 'a' },
      { lane: 'retry', body: 'b' },
    ]);
    expect(forwarded).toEqual([]);
  });

  it('forwards records that were received before, but not attempts of the retry lane', async () => {
    const failed = await handle(
      recordOf('first time', 'arn:conversion', 1),
      recordOf('second time', 'arn:conversion', 2),
      recordOf('third attempt', 'arn:retry', 3),
    );
    expect(failed).toEqual([]);
    expect(forwarded).toEqual(['second time']);
    expect(settled.map(({ body }) => body)).toEqual(['first time', 'third attempt']);
  });

  it('reports exactly the records that could not be forwarded or settled', async () => {
    const again = recordOf('again', 'arn:conversion', 2);
    const good = recordOf('good', 'arn:conversion');
    const bad = recordOf('bad', 'arn:conversion');
    notForwarded = [again.messageId];
    work = (record) => (record === bad ? Promise.reject(new Error('no luck')) : Promise.resolve());
    expect(await handle(again, good, bad)).toEqual([again.messageId, bad.messageId]);
    expect(counted).toEqual(['Failed']);
    expect(warned).toMatchObject([{ error: { message: 'no luck' } }]);
  });

  it('gets a response even if none of it could be settled', async () => {
    const records = [recordOf('a', 'arn:conversion'), recordOf('b', 'arn:conversion')];
    work = () => Promise.reject(new Error('no luck'));
    expect(await handle(...records)).toEqual(records.map(({ messageId }) => messageId));
  });

  it('is settled a few records at a time, each with its own keys in the logs', async () => {
    let atOnce = 0;
    let most = 0;
    work = async () => {
      most = Math.max(most, (atOnce += 1));
      await new Promise(setImmediate);
      atOnce -= 1;
    };
    const records = Array.from({ length: 10 }, (_, index) => recordOf(`${index}`, 'arn:conversion'));
    await handle(...records);
    expect(settled).toHaveLength(10);
    expect(most).toBe(config.inFlight);
    expect(keysNow).toEqual(
      records.map(({ messageId }) => ({ messageId, lane: 'batch', requestId: expect.any(String) })),
    );
  });

  it('starts with the most frequently requeued records, whatever their order', async () => {
    const wentBack = (rounds: number) => ({
      ...recordOf(`${rounds}`, 'arn:conversion'),
      messageAttributes: { 'millrace-rounds': { dataType: 'Number', stringValue: `${rounds}` } as const },
    });
    await handle(wentBack(1), recordOf('0', 'arn:conversion'), wentBack(3), wentBack(2));
    expect(settled.map(({ body }) => body)).toEqual(['3', '2', '1', '0']);
  });

  it('gets a response before the timeout, and the unsettled records are delivered again', async () => {
    vi.useFakeTimers();
    try {
      const good = recordOf('good', 'arn:conversion');
      const hangs = recordOf('hangs', 'arn:conversion');
      work = (record) => (record === hangs ? new Promise(() => undefined) : Promise.resolve());
      const failed = handle(hangs, good);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(await failed).toEqual([hangs.messageId]);
      expect(counted).toEqual(['Failed']);
      expect(errors).toMatchObject([{ keys: { records: 1 } }]);
      expect(published).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it('that is done in time logs nothing about time', async () => {
    await handle(recordOf('a', 'arn:conversion'));
    expect([counted, errors]).toEqual([[], []]);
  });

  it('publishes its metrics once, even if forwarding fails completely', async () => {
    await handle(recordOf('a', 'arn:conversion'));
    expect(published).toBe(1);
    forward = () => Promise.reject(new Error('no luck'));
    await expect(handle(recordOf('a', 'arn:conversion'))).rejects.toThrow('no luck');
    expect(published).toBe(2);
  });
});

function tagged(bucket: string) {
  return {
    eventVersion: '2.3',
    eventSource: 'aws:s3',
    eventName: 'ObjectTagging:Put',
    s3: { bucket: { name: bucket }, object: { key: 'b.jpg' } },
  };
}

describe('the contents of a record', () => {
  let refused: { body: string; reason: DeadLetterReason }[];
  const intake = createIntake({
    config,
    telemetry,
    sendDeadLetter: async (_record, body, reason) => void refused.push({ body, reason }),
  });
  beforeEach(() => void (refused = []));

  it('are the objects of every upload bucket', async () => {
    const record = recordOf(dirtyMessage({ bucket: 'scans', key: 'b.jpg' }), 'arn:conversion');
    expect(await intake(record)).toEqual([{ bucket: 'scans', key: 'b.jpg' }]);
    expect(refused).toEqual([]);
  });

  it("are empty for S3's test event, which is not a failure", async () => {
    const body = JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent' });
    expect(await intake(recordOf(body, 'arn:conversion'))).toEqual([]);
    expect(refused).toEqual([]);
    expect(warned).toEqual([]);
    expect(told).toEqual([{ message: expect.stringContaining('test'), keys: undefined }]);
  });

  it('leave out ignored names, which are counted, and keep all other objects in the message', async () => {
    const s3 = (key: string) => ({
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      s3: { bucket: { name: 'uploads' }, object: { key } },
    });
    const Records = [s3('a/.DS_Store'), s3('a/b.jpg')];
    const record = recordOf(JSON.stringify({ Records }), 'arn:conversion');
    expect(await intake(record)).toEqual([{ bucket: 'uploads', key: 'a/b.jpg' }]);
    expect(counted).toEqual(['Ignored']);
    expect(keysNow).toEqual([{ bucket: 'uploads', key: 'a/.DS_Store' }]);
  });

  it('are delivered again if their dead letter cannot be stored', async () => {
    const failing = createIntake({
      config,
      telemetry,
      sendDeadLetter: () => Promise.reject(new Error('SQS is away')),
    });
    await expect(failing(recordOf('hello', 'arn:conversion'))).rejects.toThrow('SQS is away');
    expect(counted).toEqual([]);
  });

  it.each([
    ['S3', { Records: [tagged('uploads')] }, 'ObjectTagging:Put'],
    ['S3, for any bucket', { Records: [tagged('foreign')] }, 'ObjectTagging:Put'],
    ['EventBridge', { source: 'aws.s3', 'detail-type': 'Object Tags Added' }, 'Object Tags Added'],
  ])(
    'are empty for an event of %s that creates no content, which is not a failure',
    async (_from, body, event) => {
      expect(await intake(recordOf(JSON.stringify(body), 'arn:conversion'))).toEqual([]);
      expect(refused).toEqual([]);
      expect(warned).toEqual([]);
      expect(told).toMatchObject([{ keys: { event } }]);
    },
  );

  it('are refused with a dead letter that contains the body if they cannot be read', async () => {
    expect(await intake(recordOf('hello', 'arn:conversion', 4))).toEqual([]);
    expect(refused).toMatchObject([
      { body: 'hello', reason: { code: 'notification.malformed', attempts: 4 } },
    ]);
    expect(counted).toEqual(['Rejected', 'notification.malformed']);
    expect(warned).toMatchObject([{ keys: { code: 'notification.malformed' } }]);
  });

  it('are refused object by object if the bucket is not part of this pipeline', async () => {
    const s3 = (bucket: string, key: string) => ({
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      s3: { bucket: { name: bucket }, object: { key } },
    });
    const Records = [s3('uploads', 'a'), s3('foreign', 'b'), s3('scans', 'c'), s3('other', 'd')];
    const record = recordOf(JSON.stringify({ Records }), 'arn:conversion');
    expect((await intake(record)).map(({ key }) => key)).toEqual(['a', 'c']);
    expect(refused.map(({ body }) => JSON.parse(body) as object)).toMatchObject([
      { bucket: 'foreign', key: 'b' },
      { bucket: 'other', key: 'd' },
    ]);
    expect(refused.map(({ reason }) => reason.code)).toEqual([
      'notification.unknown_bucket',
      'notification.unknown_bucket',
    ]);
  });
});
