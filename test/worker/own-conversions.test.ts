import { stat, writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { SQSRecord } from 'aws-lambda';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { defineConfig, type ConfigInput } from '../../src/core/config.ts';
import {
  defineConversion,
  type Conversion,
  type ConversionJob,
  type MadeResult,
  type Pixels,
} from '../../src/core/conversion.ts';
import { Rejected } from '../../src/core/errors.ts';
import { dirtyMessage } from '../../src/core/notification.ts';
import { imageRenditionsSchema } from '../../src/core/rendition.ts';
import { readConfig } from '../../src/worker/config.ts';
import { createDeps } from '../../src/worker/deps.ts';
import { createWorker } from '../../src/worker/worker.ts';
import { inTime } from '../support/eventually.ts';
import { countMessages, deadLetters, listKeys, read, readReport } from '../support/pipeline.ts';
import { benchOfEachTest, contextOf, recordOf, type Bench } from '../support/worker.ts';

let bench: Bench;
benchOfEachTest((started) => {
  bench = started;
});

type Convert = (job: ConversionJob<Record<string, never>>) => Promise<readonly MadeResult[]>;

/** A CSV conversion with this function. */
function csv(convert: Convert, more: Pick<Partial<Conversion>, 'accepts' | 'streams' | 'stamped'> = {}) {
  return defineConversion({ ...more, name: 'csv', renditions: ['csv'], convert });
}

/** Settles all messages with a worker with this configuration. Returns how many will be delivered again. */
async function invoke(config: ConfigInput, records: SQSRecord[] = bench.conversion.receive(10)) {
  const { recipe, conversions } = defineConfig(config);
  const env = { ...bench.env, MILLRACE_RECIPE: JSON.stringify(recipe) };
  const handler = createWorker({ ...createDeps(readConfig(env), conversions), random: () => 0 });
  const { batchItemFailures } = await handler({ Records: records }, contextOf());
  return batchItemFailures.length;
}

const put = (Key: string, Body: string | Uint8Array) =>
  bench.s3.send(new PutObjectCommand({ Bucket: 'uploads', Key, Body }));
const png = () =>
  sharp({ create: { width: 4, height: 3, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
const resultOf = async (key: string) => (await read(bench.s3, 'results', key))?.bytes.toString();
const upperCase = csv(async ({ source, stamp }) => [
  {
    rendition: 'csv',
    body: Buffer.from(
      `${Buffer.from(await source.content())
        .toString()
        .toUpperCase()} [${stamp}]`,
    ),
    contentType: 'text/csv',
    metadata: { rows: '2' },
  },
]);

describe('a custom conversion', () => {
  it('holds no connection if it does not read its upload to the end', async () => {
    await put('long.csv', Buffer.alloc(5_000_000));
    const refusing = csv(() => Promise.reject(new Rejected('csv.refused', 'not read')), { streams: true });
    const { recipe, conversions } = defineConfig({
      conversions: [{ conversion: refusing, keys: ['*.csv'] }],
    });
    const deps = createDeps(
      readConfig({ ...bench.env, MILLRACE_RECIPE: JSON.stringify(recipe) }),
      conversions,
    );
    const bodies: Readable[] = [];
    deps.s3.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        const { body } = result.response as { body?: unknown };
        if (body instanceof Readable) bodies.push(body);
        return result;
      },
      { step: 'deserialize', priority: 'low' },
    );
    await createWorker({ ...deps, random: () => 0 })({ Records: bench.conversion.receive(10) }, contextOf());
    expect((await readReport(bench.s3, 'long.csv'))?.code).toBe('csv.refused');
    expect(bodies).not.toEqual([]);
    expect(bodies.filter((body) => !body.readableEnded && !body.destroyed)).toEqual([]);
  });

  it('converts uploads that match its keys; the image conversion converts the others', async () => {
    await put('a/b.CSV', 'x,y');
    await put('c.png', await png());
    expect(await invoke({ conversions: [{ conversion: upperCase, keys: ['*.csv'] }] })).toBe(0);
    const { contentType, metadata, bytes } = (await read(bench.s3, 'results', 'a/b.CSV')) ?? {};
    expect(bytes?.toString()).toMatch(/^X,Y \[/);
    expect(contentType).toBe('text/csv');
    expect(metadata).toMatchObject({ rows: '2', rendition: 'csv' });
    expect(await read(bench.s3, 'results', 'c.png')).toMatchObject({ contentType: 'image/webp' });
  });

  it('adds the rendition to every result key if a conversion has several', async () => {
    const both = defineConversion({
      name: 'both',
      renditions: ['one', 'two'],
      convert: async ({ renditions }) =>
        renditions.map((rendition) => ({
          rendition,
          body: Buffer.from(rendition),
          contentType: 'text/plain',
        })),
    });
    await put('a.csv', 'x');
    await put('b.txt', 'x');
    const config = { conversions: [{ conversion: upperCase, keys: ['*.csv'] }, { conversion: both }] };
    expect(await invoke(config)).toBe(0);
    expect(await listKeys(bench.s3, 'results')).toEqual(['csv/a.csv', 'one/b.txt', 'two/b.txt']);
  });

  it('refuses content that it does not accept, and states what it found', async () => {
    await put('a.csv', await png());
    const strict = csv(() => Promise.reject(new Error('not asked')), {
      accepts: ['text/*', 'application/pdf'],
    });
    expect(await invoke({ conversions: [{ conversion: strict }] })).toBe(0);
    expect(await readReport(bench.s3, 'a.csv')).toMatchObject({
      status: 'failed',
      code: 'source.not_accepted',
      message:
        'the content is image/png, which the conversion csv does not accept; expected text/*, application/pdf',
    });
  });

  it('may decide from the first bytes what it accepts', async () => {
    await put('a.csv', 'PK');
    await put('b.csv', 'x,y');
    const picky = csv((job) => upperCase.convert(job), { accepts: (head) => head[0] !== 0x50 });
    expect(await invoke({ conversions: [{ conversion: picky }] })).toBe(0);
    expect(await listKeys(bench.s3, 'results')).toEqual(['b.csv']);
    expect(await readReport(bench.s3, 'a.csv')).toMatchObject({ code: 'source.not_accepted' });
  });
});

describe("a conversion's failure", () => {
  const failing = (failure: Error) => ({
    conversions: [{ conversion: csv(() => Promise.reject(failure)) }],
  });

  it.each([
    ['its class', new Rejected('csv.bad_row', 'row 7 has 3 fields')],
    // A separately bundled conversion has its own copy of the class.
    ['its name', Object.assign(new Error('row 7 has 3 fields'), { name: 'Rejected', code: 'csv.bad_row' })],
  ])('is a rejection with %s, with its own code in the report and the dead letter', async (_what, error) => {
    await put('a.csv', 'x');
    expect(await invoke(failing(error))).toBe(0);
    expect(await readReport(bench.s3, 'a.csv')).toMatchObject({
      status: 'failed',
      code: 'csv.bad_row',
      message: 'row 7 has 3 fields',
    });
    const { conversionQueue, retryQueue, deadLetterQueue } = bench.resources;
    const letters = await deadLetters({
      sqs: bench.sqs,
      queues: { conversion: conversionQueue.url, retry: retryQueue.url, deadLetter: deadLetterQueue.url },
    });
    expect(letters.map(({ MessageAttributes }) => MessageAttributes?.['code']?.StringValue)).toEqual([
      'csv.bad_row',
    ]);
  });

  it.each([
    ['that is unexpected', new TypeError('a bug')],
    ['with the code of another conversion', new Rejected('pdf.broken', 'no')],
    ['with a malformed code', new Rejected('csv.Bad Row!', 'no')],
  ])('%s is tried again', async (_what, error) => {
    await put('a.csv', 'x');
    expect(await invoke(failing(error))).toBe(0);
    expect(await readReport(bench.s3, 'a.csv')).toBeUndefined();
    expect(await countMessages(bench.sqs, bench.resources.retryQueue.url)).toBe(1);
  });

  it.each([
    ['leaves out a rendition', []],
    ['makes a rendition twice', [0, 1]],
  ])('is what %s', async (_what, times) => {
    await put('a.csv', 'x');
    const wrong = csv(async () =>
      times.map(() => ({ rendition: 'csv', body: Buffer.from('x'), contentType: 'text/csv' })),
    );
    expect(await invoke({ conversions: [{ conversion: wrong }] })).toBe(0);
    expect(await listKeys(bench.s3, 'results')).toEqual([]);
    expect(await countMessages(bench.sqs, bench.resources.retryQueue.url)).toBe(1);
  });

  const slow = (listen: (signal: AbortSignal, end: () => void) => void) => ({
    conversions: [
      {
        conversion: csv(
          ({ signal }) =>
            new Promise((_resolve, reject) =>
              listen(signal, () => reject(new Rejected('conversion.timeout', 'gave up'))),
            ),
        ),
        limits: { seconds: 1 },
      },
    ],
  });

  it('is conversion.timeout if it observes that its time is over', async () => {
    await put('a.csv', 'x');
    expect(await invoke(slow((signal, end) => signal.addEventListener('abort', end)))).toBe(0);
    expect(await readReport(bench.s3, 'a.csv')).toMatchObject({
      status: 'failed',
      code: 'conversion.timeout',
    });
  });

  it('that never ends is tried again, because the machine may have been paused', async () => {
    await put('a.csv', 'x');
    expect(await inTime('the worker gives up', invoke(slow(() => undefined)))).toBe(0);
    expect(await readReport(bench.s3, 'a.csv')).toBeUndefined();
    expect(await countMessages(bench.sqs, bench.resources.retryQueue.url)).toBe(1);
  });
});

describe('a streaming conversion', () => {
  it('reads the source and produces its results in chunks, and its temporary folder is removed', async () => {
    const content = 'x,y\n'.repeat(100_000);
    await put('a.csv', content);
    let folder = '';
    let largest = 0;
    const streamed = csv(
      async ({ source, scratch }) => {
        folder = await scratch();
        async function* chunks() {
          for await (const chunk of source.stream()) {
            largest = Math.max(largest, chunk.byteLength);
            yield Buffer.from(Buffer.from(chunk).toString().toUpperCase());
          }
        }
        return [{ rendition: 'csv', body: chunks(), contentType: 'text/csv' }];
      },
      { streams: true },
    );
    expect(await invoke({ conversions: [{ conversion: streamed }] })).toBe(0);
    expect(await resultOf('a.csv')).toBe(content.toUpperCase());
    expect(largest).toBeLessThan(content.length);
    await expect(stat(folder)).rejects.toThrow('ENOENT');
  });

  it('stores a file that a program wrote', async () => {
    await put('a.csv', 'x');
    const byFile = csv(async ({ scratch }) => {
      const file = `${await scratch()}/out.csv`;
      await writeFile(file, 'from a file');
      return [{ rendition: 'csv', body: { file }, contentType: 'text/csv' }];
    });
    expect(await invoke({ conversions: [{ conversion: byFile }] })).toBe(0);
    expect(await resultOf('a.csv')).toBe('from a file');
  });

  it('may read the whole source at once', async () => {
    await put('a.csv', 'x,y');
    const whole = csv((job) => upperCase.convert(job), { streams: true });
    expect(await invoke({ conversions: [{ conversion: whole }] })).toBe(0);
    expect(await resultOf('a.csv')).toMatch(/^X,Y/);
  });

  it('starts over if the source changes before it is opened', async () => {
    await put('a.csv', 'first');
    const records = bench.conversion.receive(10);
    const whole = csv((job) => upperCase.convert(job), { streams: true, stamped: true });
    const { recipe, conversions } = defineConfig({ conversions: [{ conversion: whole }] });
    const deps = createDeps(
      readConfig({ ...bench.env, MILLRACE_RECIPE: JSON.stringify(recipe) }),
      conversions,
    );
    let opened = 0;
    deps.s3.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName === 'GetObjectCommand' && (opened += 1) === 1) await put('a.csv', 'second');
          return next(args);
        },
      { step: 'initialize' },
    );
    const handler = createWorker({ ...deps, random: () => 0 });
    expect(await handler({ Records: records }, contextOf())).toEqual({ batchItemFailures: [] });
    expect(opened).toBe(2);
    expect(await resultOf('a.csv')).toMatch(/^SECOND/);
  });
});

describe('a conversion that renders images', () => {
  const renditions = imageRenditionsSchema.parse([
    { name: 'large', width: 4, format: 'png' },
    { name: 'small', width: 2, format: 'png' },
  ]);
  const drawing = (draw: (content: Uint8Array) => Uint8Array | Pixels) =>
    defineConversion({
      name: 'drawing',
      renditions: ['large', 'small'],
      convert: async ({ source, renderImage }) => renderImage(draw(await source.content()), renditions),
    });

  it.each([
    ['a file', png],
    ['pixels', async () => Buffer.alloc(4 * 3 * 4, 'ff0000ff', 'hex')],
  ])('renders them from %s, with the stamp', async (what, content) => {
    await put('a.bin', await content());
    const conversion = drawing((data) =>
      what === 'a file' ? data : { data, width: 4, height: 3, channels: 4 },
    );
    expect(await invoke({ conversions: [{ conversion }] })).toBe(0);
    for (const [name, width, height] of [
      ['large', 4, 3],
      ['small', 2, 2],
    ] as const) {
      const { bytes, metadata = {}, contentType } = (await read(bench.s3, 'results', `${name}/a.bin`)) ?? {};
      expect(contentType).toBe('image/png');
      expect(metadata).toMatchObject({ width: String(width), height: String(height) });
      const { xmp, ...found } = await sharp(bytes).metadata();
      expect(found).toMatchObject({ width, height });
      expect(xmp?.toString()).toContain(metadata['stamp']);
      expect((await sharp(bytes).raw().toBuffer()).subarray(0, 3)).toEqual(Buffer.of(255, 0, 0));
    }
  });

  it("fails with the image conversion's code if its picture is not an image", async () => {
    await put('a.bin', (await png()).subarray(0, 60));
    expect(await invoke({ conversions: [{ conversion: drawing((content) => content) }] })).toBe(0);
    expect(await readReport(bench.s3, 'a.bin')).toMatchObject({ status: 'failed', code: 'image.corrupt' });
  });
});

describe('a worker', () => {
  it('does not start without the code of a conversion in its recipe, or with invalid options', () => {
    const { recipe } = defineConfig({ conversions: [{ conversion: upperCase, keys: ['*.csv'] }] });
    const start = (changed: object, conversions = [upperCase]) => {
      const rules = recipe.rules.map((rule) => ({ ...rule, ...changed }));
      const env = { ...bench.env, MILLRACE_RECIPE: JSON.stringify({ ...recipe, rules }) };
      return createWorker(createDeps(readConfig(env), conversions));
    };
    expect(() => start({})).not.toThrow();
    expect(() => start({}, [])).toThrow('csv: its code is not in this worker');
    expect(() => start({ options: { delimiter: ';' } })).toThrow('csv: ');
  });

  it('never accepts two conversions with the same name', () => {
    const env = readConfig(bench.env);
    expect(() => createDeps(env, [upperCase, { ...upperCase }])).toThrow('two conversions with the name csv');
  });

  it('settles a repeated upload in a message without converting it twice', async () => {
    let times = 0;
    const counting = csv((job) => {
      times += 1;
      return upperCase.convert(job);
    });
    const config = { conversions: [{ conversion: counting }] };
    await put('a.csv', 'x');
    await invoke(config);
    const again = recordOf(
      dirtyMessage({ bucket: 'uploads', key: 'a.csv' }),
      bench.resources.conversionQueue.arn,
    );
    expect(await invoke(config, [again])).toBe(0);
    expect(times).toBe(1);
  });
});
