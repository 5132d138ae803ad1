import { DeleteObjectCommand, PutObjectCommand, S3ServiceException } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Rejected } from '../../src/core/errors.ts';
import type { FailureReport } from '../../src/core/failure-report.ts';
import { dirtyMessage } from '../../src/core/notification.ts';
import { DEFAULT_RECIPE, parseRecipe } from '../../src/core/recipe.ts';
import { readConfig } from '../../src/worker/config.ts';
import { insteadOfImages, textResult } from '../support/conversions.ts';
import { createDeps, type Deps } from '../../src/worker/deps.ts';
import { createWorker } from '../../src/worker/worker.ts';
import { failing, recording } from '../support/failing.ts';
import { startHalting } from '../support/halting.ts';
import { countMessages, deadLetters, listKeys, read, readReport } from '../support/pipeline.ts';
import type { Handler } from '../../src/worker/lambda-handler.ts';
import { contextOf, recordOf, startBench, type Bench } from '../support/worker.ts';

let bench: Bench;
beforeAll(() => {
  process.env['POWERTOOLS_LOG_LEVEL'] = 'SILENT';
  process.env['POWERTOOLS_METRICS_DISABLED'] = 'true';
});
let deps: Deps;
let handler: Handler;
let converted: string[];
/** How a test interferes with a conversion. */
let duringConversion: (text: string) => Promise<void> | void;

const conversions = insteadOfImages(async (source, { renditions, stamp }) => {
  const content = Buffer.from(source).toString();
  converted.push(content);
  await duringConversion(content);
  if (content.startsWith('BAD')) throw new Rejected('image.corrupt', `cannot read ${content}`);
  return renditions.map((name) => textResult(name, `${content.toUpperCase()} [${stamp}]`));
});

beforeEach(async () => {
  bench = await startBench(DEFAULT_RECIPE);
  Object.assign(process.env, bench.env);
  converted = [];
  duringConversion = () => undefined;
  deps = {
    ...createDeps(readConfig(process.env)),
    conversions,
    random: () => 0,
  };
  handler = createWorker(deps);
});
afterEach(() => bench.stop());
afterAll(() => {
  delete process.env['POWERTOOLS_LOG_LEVEL'];
  delete process.env['POWERTOOLS_METRICS_DISABLED'];
});

const conversionArn = () => bench.resources.conversionQueue.arn;
const retryArn = () => bench.resources.retryQueue.arn;
const put = async (Key: string, Body: string) =>
  (await bench.s3.send(new PutObjectCommand({ Bucket: 'uploads', Key, Body }))).VersionId ?? '';
const resultOf = async (key: string) => (await read(bench.s3, 'results', key))?.bytes.toString();
const waiting = (queue: 'retryQueue' | 'deadLetterQueue' | 'conversionQueue') =>
  countMessages(bench.sqs, bench.resources[queue].url);
const letters = () =>
  deadLetters({
    sqs: bench.sqs,
    queues: { conversion: '', retry: '', deadLetter: bench.resources.deadLetterQueue.url },
  });
const anotherProcess = () => createWorker(deps);
const invoke = async (records: SQSRecord[], remaining?: number, process = handler) =>
  (await process({ Records: records }, contextOf(remaining))).batchItemFailures.map(
    ({ itemIdentifier }) => itemIdentifier,
  );
const unavailable = () =>
  new S3ServiceException({
    name: 'SlowDown',
    $fault: 'server',
    $metadata: { httpStatusCode: 503 },
    message: 'Please reduce your request rate.',
  });
/** The message as the retry lane's attempts receive it. */
const attempt = (key: string, receives: number) =>
  recordOf(dirtyMessage({ bucket: 'uploads', key }), retryArn(), receives);

describe('the batch lane', () => {
  it('converts a duplicate once', async () => {
    await put('a.txt', 'a');
    const records = bench.conversion.receive(10);
    expect(await invoke(records)).toEqual([]);
    const again = records.map((record) => ({ ...record, messageId: 'another' }));
    expect(await invoke(again)).toEqual([]);
    expect(converted).toEqual(['a']);
  });

  it('converts an upload with the same bytes as an earlier one, because it is not a duplicate', async () => {
    for (const body of ['x', 'y', 'x']) {
      await put('a.txt', body);
      await invoke(bench.conversion.receive(10));
    }
    expect(converted).toEqual(['x', 'y', 'x']);
    expect(await resultOf('a.txt')).toMatch(/^X /);
  });

  it('converts the current object, whichever upload a late message names', async () => {
    await put('a.txt', 'old');
    const late = bench.conversion.receive(10);
    const version = await put('a.txt', 'new');
    await invoke(late);
    expect(await resultOf('a.txt')).toBe(`NEW [${version}.1]`);
    await invoke(bench.conversion.receive(10));
    expect(converted).toEqual(['new']);
  });

  it('settles a deleted source, and leaves nothing behind', async () => {
    await put('a.txt', 'a');
    await bench.s3.send(new DeleteObjectCommand({ Bucket: 'uploads', Key: 'a.txt' }));
    expect(await invoke(bench.conversion.receive(10))).toEqual([]);
    expect(await listKeys(bench.s3, 'results')).toEqual([]);
    expect(await waiting('retryQueue')).toBe(0);
  });

  it('forwards a record that was received before without decoding it, and deletes it from its own queue', async () => {
    await put('a.txt', 'a');
    await bench.sqs.send(
      new SendMessageCommand({
        QueueUrl: bench.resources.conversionQueue.url,
        MessageBody: dirtyMessage({ bucket: 'uploads', key: 'a.txt' }),
        MessageAttributes: { origin: { DataType: 'String', StringValue: 'backfill' } },
      }),
    );
    const first = bench.conversion.receive(10);
    bench.conversion.hide(first, 0);
    const second = bench.conversion.receive(10);
    expect(await invoke(second)).toEqual([]);
    expect(converted).toEqual([]);
    expect(await waiting('conversionQueue')).toBe(0);
    const forwarded = bench.retry.receive(10);
    expect(forwarded.map(({ body }) => body)).toEqual(second.map(({ body }) => body));
    expect(
      forwarded.some(({ messageAttributes }) => messageAttributes['origin']?.stringValue === 'backfill'),
    ).toBe(true);
  });

  it('reports exactly the records that could not be forwarded', async () => {
    await put('a.txt', 'a');
    const fresh = bench.conversion.receive(10);
    const fits = recordOf('forward me', conversionArn(), 2);
    const tooLong = recordOf('x'.repeat(1_100_000), conversionArn(), 3);
    expect(await invoke([...fresh, fits, tooLong])).toEqual([tooLong.messageId]);
    expect(bench.retry.receive(10).map(({ body }) => body)).toEqual(['forward me']);
    expect(await resultOf('a.txt')).toMatch(/^A /);
  });

  it('sends a transient failure to the retry queue with a delay, and acknowledges it', async () => {
    failing(deps.s3, 'PutObjectCommand', unavailable());
    const sends = recording(deps.sqs, 'SendMessageCommand');
    await put('a.txt', 'a');
    expect(await invoke(bench.conversion.receive(10))).toEqual([]);
    expect(sends).toMatchObject([{ QueueUrl: bench.resources.retryQueue.url, DelaySeconds: 2 }]);
    expect(await waiting('retryQueue')).toBe(1);
    expect(await letters()).toEqual([]);
  });

  it('acknowledges nothing if the retry queue does not accept it either', async () => {
    failing(deps.s3, 'PutObjectCommand', unavailable());
    failing(deps.sqs, 'SendMessageCommand', new Error('SQS is away'));
    await put('a.txt', 'a');
    const records = bench.conversion.receive(10);
    expect(await invoke(records)).toEqual(records.map(({ messageId }) => messageId));
  });

  it('acknowledges a rejection only after its report and its dead letter are stored', async () => {
    await put('bad.txt', 'BAD');
    const records = bench.conversion.receive(10);
    const sending = failing(deps.sqs, 'SendMessageCommand', new Error('SQS is away'), { times: 2 });
    expect(await invoke(records)).toEqual(records.map(({ messageId }) => messageId));
    expect(sending.count).toBe(2);
    expect(await invoke(records)).toEqual([]);
    expect(await readReport(bench.s3, 'bad.txt')).toMatchObject({
      status: 'failed',
      code: 'image.corrupt',
      message: 'cannot read BAD',
    });
    expect(await letters()).toHaveLength(1);
  });

  it('defers uploads that another invocation is working on to the retry queue', async () => {
    await put('a.txt', 'a');
    const records = bench.conversion.receive(10);
    const { promise: gate, open } = gateOf();
    let began: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => (began = resolve));
    duringConversion = () => {
      began();
      return gate;
    };
    const holder = invoke(records);
    await begun;
    expect(await invoke(records.map((record) => ({ ...record, messageId: 'duplicate' })))).toEqual([]);
    expect(await waiting('retryQueue')).toBe(1);
    open();
    expect(await holder).toEqual([]);
    expect(converted).toEqual(['a']);
  });

  it('continues if the idempotency table is unreachable', async () => {
    await put('a.txt', 'a');
    process.env['AWS_ENDPOINT_URL_DYNAMODB'] = 'http://127.0.0.1:9';
    try {
      handler = createWorker({ ...createDeps(readConfig(process.env)), conversions: deps.conversions });
      expect(await invoke(bench.conversion.receive(10))).toEqual([]);
    } finally {
      delete process.env['AWS_ENDPOINT_URL_DYNAMODB'];
    }
    expect(await resultOf('a.txt')).toMatch(/^A /);
  });

  it('requeues messages it has not started as if never received, with their attributes', async () => {
    const version = await put('a.txt', 'a');
    const messageAttributes = { origin: { dataType: 'String', stringValue: 'its mark' } } as const;
    const [uploaded] = bench.conversion.receive(10);
    if (uploaded === undefined) throw new Error('expected a message');
    expect(await invoke([{ ...uploaded, messageAttributes }], 10_000)).toEqual([]);
    bench.conversion.delete([uploaded]);
    const [back] = bench.conversion.receive(10);
    expect(back).toMatchObject({
      attributes: { ApproximateReceiveCount: '1' },
      messageAttributes: {
        origin: { stringValue: 'its mark' },
        'millrace-rounds': { dataType: 'Number', stringValue: '1' },
      },
    });
    expect(JSON.parse(back?.body ?? '')).toMatchObject({ key: 'a.txt', versionId: version });
    expect(await invoke(back === undefined ? [] : [back])).toEqual([]);
    expect(converted).toEqual(['a']);
  });

  it('leaves messages to the retry lane after ten requeues', async () => {
    await put('a.txt', 'a');
    const rounds = (stringValue: string) => ({ 'millrace-rounds': { dataType: 'Number', stringValue } });
    const [record] = bench.conversion.receive(10);
    if (record === undefined) throw new Error('expected a message');
    expect(await invoke([{ ...record, messageAttributes: rounds('9') }], 10_000)).toEqual([]);
    expect(await waiting('retryQueue')).toBe(0);
    expect(await invoke([{ ...record, messageAttributes: rounds('10') }], 10_000)).toEqual([]);
    expect(await waiting('retryQueue')).toBe(1);
  });

  it.each(['-3', '1.5', 'many', '1e999'])('does not accept %s as a requeue count', async (stringValue) => {
    await put('a.txt', 'a');
    const [record] = bench.conversion.receive(10);
    if (record === undefined) throw new Error('expected a message');
    const messageAttributes = { 'millrace-rounds': { dataType: 'String', stringValue } };
    expect(await invoke([{ ...record, messageAttributes }], 10_000)).toEqual([]);
    bench.conversion.delete([record]);
    const [back] = bench.conversion.receive(10);
    expect(back?.messageAttributes['millrace-rounds']).toMatchObject({ stringValue: '1' });
  });

  it('starts with the most frequently requeued messages', async () => {
    for (const key of ['a.txt', 'b.txt', 'c.txt']) await put(key, key);
    const records = bench.conversion.receive(10).map((record) => ({
      ...record,
      messageAttributes: record.body.includes('b.txt')
        ? { 'millrace-rounds': { dataType: 'Number', stringValue: '2' } }
        : {},
    }));
    handler = createWorker({ ...deps, config: { ...deps.config, inFlight: 1 } });
    expect(await invoke(records)).toEqual([]);
    expect(converted[0]).toBe('b.txt');
  });

  it('requeues each object separately if a message with several is not finished in time', async () => {
    await put('a.txt', 'a');
    await put('b.txt', 'b');
    const records = bench.conversion.receive(10);
    const bodies = records.map(({ body }) => JSON.parse(body) as { Records: object[] });
    const together = JSON.stringify({ Records: bodies.flatMap(({ Records }) => Records) });
    expect(await invoke([recordOf(together, conversionArn())], 10_000)).toEqual([]);
    bench.conversion.delete(records);
    const back = bench.conversion.receive(10).map(({ body }) => (JSON.parse(body) as { key: string }).key);
    expect(back.toSorted()).toEqual(['a.txt', 'b.txt']);
  });

  it('rejects an upload whose result key would be too long for S3, with a report under its own key', async () => {
    const renditions = ['large', 'thumb'].map((name) => ({ ...DEFAULT_RECIPE.renditions[0], name }));
    const recipe = parseRecipe(JSON.stringify({ renditions }));
    handler = createWorker({ ...deps, config: { ...deps.config, recipe } });
    const key = 'k'.repeat(1020);
    await put(key, 'hello');
    expect(await invoke(bench.conversion.receive(10))).toEqual([]);
    expect(converted).toEqual([]);
    expect(await readReport(bench.s3, key)).toMatchObject({ status: 'failed', code: 'key.too_long' });
    expect(await letters()).toMatchObject([{ MessageAttributes: { code: { StringValue: 'key.too_long' } } }]);
  });

  it("rejects it with only a dead letter if the report's key would be too long too", async () => {
    const uploadBuckets = ['uploads', 'scans'];
    handler = createWorker({ ...deps, config: { ...deps.config, uploadBuckets } });
    await put('k'.repeat(1020), 'hello');
    expect(await invoke(bench.conversion.receive(10))).toEqual([]);
    expect(await letters()).toMatchObject([{ MessageAttributes: { code: { StringValue: 'key.too_long' } } }]);
  });

  it('refuses objects of other buckets, and keeps them as dead letters', async () => {
    const foreign = recordOf(dirtyMessage({ bucket: 'somebody-elses', key: 'a.txt' }), conversionArn());
    expect(await invoke([foreign])).toEqual([]);
    const [letter] = await letters();
    expect(letter?.MessageAttributes?.['code']?.StringValue).toBe('notification.unknown_bucket');
    expect(letter?.Body).toContain('somebody-elses');
  });

  it('settles every object in a message with several', async () => {
    await put('a.txt', 'a');
    await put('bad.txt', 'BAD');
    await put('c.txt', 'c');
    const bodies = bench.conversion.receive(10).map(({ body }) => JSON.parse(body) as { Records: object[] });
    const together = JSON.stringify({ Records: bodies.flatMap(({ Records }) => Records) });
    expect(await invoke([recordOf(together, conversionArn())])).toEqual([]);
    expect(await listKeys(bench.s3, 'results')).toEqual(['a.txt', 'c.txt']);
    expect((await letters()).map(({ Body }) => Body)).toEqual([expect.stringContaining('bad.txt')]);
  });
});

describe('a source whose body', () => {
  const FOREVER = 600_000;
  it.each([
    ['stands still', { idle: 2000, answer: FOREVER }],
    ['drips', { idle: FOREVER, answer: 2000 }],
  ] as const)('%s is tried again later, without blocking others', async (how, limits) => {
    let halted = 0;
    const { url, stop } = await startHalting(bench.env['AWS_ENDPOINT_URL'] ?? '', ({ method, url: path }) => {
      if (method !== 'GET' || path?.startsWith('/uploads/a.txt') !== true) return undefined;
      halted += 1;
      return how;
    });
    try {
      process.env['AWS_ENDPOINT_URL'] = url;
      const { s3 } = createDeps(readConfig(process.env), [], limits);
      const warnings: unknown[] = [];
      deps.logger.warn = (...line) => void warnings.push(line);
      handler = createWorker({ ...deps, s3 });
      await put('a.txt', 'a');
      await put('b.txt', 'b');
      expect(await invoke(bench.conversion.receive(10))).toEqual([]);
      expect(halted).toBe(1);
      expect(converted).toEqual(['b']);
      expect(await waiting('retryQueue')).toBe(1);
      expect(warnings).toContainEqual([
        'to be tried again',
        expect.objectContaining({
          key: 'a.txt',
          code: 'storage.unavailable',
          reason: expect.stringContaining('TimeoutError'),
        }),
      ]);
    } finally {
      await stop();
    }
  });
});

describe('the conditional write', () => {
  it('counts a write as done if only its response was lost', async () => {
    const version = await put('a.txt', 'a');
    failing(deps.s3, 'PutObjectCommand', unavailable(), { times: 1, answerLost: true });
    expect(await invoke(bench.conversion.receive(10))).toEqual([]);
    expect(await resultOf('a.txt')).toBe(`A [${version}.1]`);
    expect(converted).toEqual(['a']);
    expect(await waiting('retryQueue')).toBe(0);
  });

  it("never lets a slow writer of an old upload replace a later upload's result", async () => {
    await put('a.txt', 'x');
    await invoke(bench.conversion.receive(10));
    await put('a.txt', 'y');
    const slow = bench.conversion.receive(10);
    const { promise: gate, open } = gateOf();
    let began: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => (began = resolve));
    duringConversion = (content) => {
      if (content !== 'y') return undefined;
      began();
      return gate;
    };
    const late = invoke(slow);
    await begun;
    // The same bytes as the first upload: without the stamp, its result would have the first one's ETag.
    const version = await put('a.txt', 'x');
    await invoke(bench.conversion.receive(10), undefined, anotherProcess());
    open();
    await late;
    expect(await resultOf('a.txt')).toBe(`X [${version}.1]`);
  });

  it('stops after three lost rounds, and leaves the rest to the retry lane', async () => {
    await put('a.txt', 'a');
    let round = 0;
    duringConversion = async () => {
      round += 1;
      await bench.s3.send(
        new PutObjectCommand({ Bucket: 'results', Key: 'a.txt', Body: `somebody else ${round}` }),
      );
    };
    expect(await invoke(bench.conversion.receive(10))).toEqual([]);
    expect(converted).toEqual(['a', 'a', 'a']);
    expect(await waiting('retryQueue')).toBe(1);
  });
});

describe('the retry lane', () => {
  it('reports an attempt before it starts, and withdraws the report after success', async () => {
    await put('a.txt', 'a');
    let during: unknown;
    duringConversion = async () => {
      during = await readReport(bench.s3, 'a.txt');
    };
    expect(await invoke([attempt('a.txt', 2)])).toEqual([]);
    expect(during).toMatchObject({
      status: 'attempting',
      code: 'process.died',
      message: 'the process died during attempt 2: out of memory, crash or timeout',
      attempt: 2,
    });
    const { at, overAt } = during as FailureReport;
    // The function's timeout, and a visibility timeout for each of three more receives.
    expect(Date.parse(overAt ?? '') - Date.parse(at)).toBe((120 + 3 * 720) * 1000);
    expect(await resultOf('a.txt')).toMatch(/^A /);
    expect(await listKeys(bench.s3, 'failures')).toEqual([]);
  });

  it("keeps a rejection's reason if the same message is delivered again", async () => {
    await put('a.txt', 'BAD a');
    const first = attempt('a.txt', 1);
    expect(await invoke([first])).toEqual([]);
    let during: unknown;
    duringConversion = async () => {
      during = await readReport(bench.s3, 'a.txt');
      throw new Error('the second delivery ends without a word');
    };
    const second = { ...attempt('a.txt', 2), messageId: first.messageId };
    expect(await invoke([second])).toEqual([first.messageId]);
    expect(during).toMatchObject({ status: 'failed', code: 'image.corrupt', attempt: 1 });

    // A new upload is independent.
    await put('a.txt', 'BAD again');
    await invoke([{ ...attempt('a.txt', 3), messageId: first.messageId }]);
    expect(during).toMatchObject({ status: 'attempting', attempt: 3 });
  });

  it('leaves a message in the queue after a transient failure, hidden longer with each attempt', async () => {
    await put('a.txt', 'a');
    failing(deps.s3, 'GetObjectCommand', unavailable());
    await bench.sqs.send(
      new SendMessageCommand({
        QueueUrl: bench.resources.retryQueue.url,
        MessageBody: dirtyMessage({ bucket: 'uploads', key: 'a.txt' }),
      }),
    );
    const records = bench.retry.receive(1);
    expect(await invoke(records)).toEqual(records.map(({ messageId }) => messageId));
    expect(await waiting('retryQueue')).toBe(1);
    expect(bench.retry.receive(1)).toEqual([]);
    expect(await letters()).toEqual([]);
  });

  it('ends the last attempt with a report and a dead letter that name the last failure', async () => {
    await put('a.txt', 'a');
    failing(deps.s3, 'GetObjectCommand', unavailable());
    expect(await invoke([attempt('a.txt', 5)])).toEqual([]);
    const message = expect.stringMatching(
      /^5 attempts failed, the last one with storage\.unavailable: .*SlowDown/,
    );
    expect(await readReport(bench.s3, 'a.txt')).toMatchObject({
      status: 'failed',
      code: 'retries.exhausted',
      message,
      attempt: 5,
    });
    const [letter] = await letters();
    expect(letter?.MessageAttributes).toMatchObject({
      code: { StringValue: 'retries.exhausted' },
      message: { StringValue: message },
      attempts: { StringValue: '5' },
    });
  });

  it.each(['its dead letter', 'its report'])(
    'reports what is wrong with the upload if the last attempt could not store %s at first',
    async (refused) => {
      await put('bad.txt', 'BAD');
      if (refused === 'its dead letter') failing(deps.sqs, 'SendMessageCommand', unavailable(), { times: 1 });
      // The first report is the attempt's.
      else failing(deps.s3, 'PutObjectCommand', unavailable(), { after: 1, times: 3 });
      expect(await invoke([attempt('bad.txt', 5)])).toEqual([]);
      expect(await readReport(bench.s3, 'bad.txt')).toMatchObject({
        status: 'failed',
        code: 'image.corrupt',
      });
      expect((await letters()).map((letter) => letter.MessageAttributes?.['code']?.StringValue)).toEqual([
        'image.corrupt',
      ]);
    },
  );

  it('sends the dead letter with its reason even when no report can be stored', async () => {
    await put('a.txt', 'a');
    failing(deps.s3, 'PutObjectCommand', unavailable());
    expect(await invoke([attempt('a.txt', 5)])).toEqual([]);
    const [letter] = await letters();
    expect(letter?.MessageAttributes?.['code']?.StringValue).toBe('retries.exhausted');
  });

  it('replaces its provisional report with the final one when it rejects', async () => {
    await put('bad.txt', 'BAD');
    expect(await invoke([attempt('bad.txt', 3)])).toEqual([]);
    expect(await readReport(bench.s3, 'bad.txt')).toMatchObject({
      status: 'failed',
      code: 'image.corrupt',
      attempt: 3,
    });
    expect((await letters())[0]?.MessageAttributes?.['attempts']?.StringValue).toBe('3');
  });

  it('splits a message with several objects into one message each', async () => {
    await put('a.txt', 'a');
    await put('b.txt', 'b');
    const bodies = bench.conversion.receive(10).map(({ body }) => JSON.parse(body) as { Records: object[] });
    const together = JSON.stringify({ Records: bodies.flatMap(({ Records }) => Records) });
    const messageAttributes = { redrive: { dataType: 'String', stringValue: 'its mark' } };
    expect(await invoke([{ ...recordOf(together, retryArn()), messageAttributes }])).toEqual([]);
    expect(converted).toEqual([]);
    const parts = bench.retry.receive(10);
    expect(parts.map((part) => part.messageAttributes['redrive']?.stringValue)).toEqual([
      'its mark',
      'its mark',
    ]);
  });

  it("takes no lock, so that an attempt after a crash is not deferred by the crashed one's lock", async () => {
    await put('a.txt', 'a');
    const records = bench.conversion.receive(10);
    const { promise: never } = gateOf();
    let began: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => (began = resolve));
    duringConversion = () => {
      began();
      return converted.length === 1 ? never : undefined;
    };
    // It holds the lock and never seems to end.
    void invoke(records);
    await begun;
    const [record] = records;
    if (record === undefined) throw new Error('expected a record');
    expect(await invoke([{ ...record, eventSourceARN: retryArn() }], undefined, anotherProcess())).toEqual(
      [],
    );
    expect(await resultOf('a.txt')).toMatch(/^A /);
  });

  it('does not report a rejection if the key was uploaded again in the meantime, because that upload has its own message', async () => {
    await put('a.txt', 'BAD');
    duringConversion = async (content) => {
      if (content === 'BAD') await put('a.txt', 'good');
    };
    expect(await invoke([attempt('a.txt', 1)])).toEqual([]);
    expect(await resultOf('a.txt')).toBeUndefined();
    expect(await letters()).toEqual([]);
    expect(await listKeys(bench.s3, 'failures')).toEqual([]);
  });
});

function gateOf(): { promise: Promise<void>; open: () => void } {
  let open: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => (open = resolve));
  return { promise, open };
}
