import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { ConversionDefinition, ConversionJob, MadeResult } from '../../../src/core/conversion.ts';
import { defineConversion } from '../../../src/core/own-conversion.ts';
import { Rejected } from '../../../src/core/errors.ts';
import { testConversion } from '../../../src/testing/index.ts';

// Run by wrong.test.ts: each of these conversions breaks one of the pipeline's assumptions, and is named after it.

type Options = Record<string, never>;
type Job = ConversionJob<Options>;
type More = Partial<ConversionDefinition<Options>>;

const SAMPLE = 'a,b\n1,2\n';
const MEBIBYTE = 1024 * 1024;

/** Registers the test kit's tests for a conversion with one sample. */
function wrong(name: string, convert: (job: Job) => Promise<readonly MadeResult[]>, more: More = {}): void {
  const conversion = defineConversion({ limits: { seconds: 1 }, ...more, name, convert });
  testConversion(conversion, { samples: { 's.csv': SAMPLE } });
}

const text = (rendition: string, body: MadeResult['body'] | string): MadeResult => ({
  rendition,
  body: typeof body === 'string' ? Buffer.from(body) : body,
  contentType: 'text/plain',
});
const read = async ({ source }: Job) => Buffer.from(await source.content());

wrong('different-each-time', async () => [text('different-each-time', randomUUID())]);

let running = 0;
wrong('shares-state', async (job) => {
  running += 1;
  await setImmediate();
  const results = [text('shares-state', `${String(await read(job))} ${running}`)];
  await setImmediate();
  running -= 1;
  return results;
});

wrong('without-its-stamp', async (job) => [text('without-its-stamp', await read(job))], { stamped: true });
wrong('half-its-stamp', async ({ stamp }) => [text('half-its-stamp', stamp.slice(0, 10))], { stamped: true });

const renditions = ['one', 'two'];
wrong('leaves-out', async () => [text('one', '')], { renditions });
wrong('makes-twice', async () => [...renditions, 'two'].map((name) => text(name, '')), { renditions });
wrong('other-alone', async (job) => job.renditions.map((name) => text(name, String(job.renditions))), {
  renditions,
});

wrong('other-extension', async () => [{ ...text('other-extension', ''), contentType: 'image/webp' }], {
  extension: 'jpg',
});
wrong('not-accepting', async () => [text('not-accepting', '')], { accepts: ['image/*'] });
wrong('no-content-type', async () => [{ ...text('no-content-type', ''), contentType: 'csv' }]);
wrong('own-metadata', async () => [{ ...text('own-metadata', ''), metadata: { stamp: 'mine' } }]);
wrong('own-claim', async () => [{ ...text('own-claim', ''), metadata: { 'stamp-in-bytes': 'true' } }]);
wrong('unicode-metadata', async () => [{ ...text('unicode-metadata', ''), metadata: { title: 'Å' } }]);

wrong('changes-source', async ({ source }) => [text('changes-source', (await source.content()).fill(0x20))]);

wrong('leaves-a-file', async () => {
  await writeFile(join(tmpdir(), `left-${randomUUID()}`), 'x');
  return [text('leaves-a-file', '')];
});
wrong('removes-its-folder', async ({ scratch }) => {
  await rm(await scratch(), { recursive: true });
  return [text('removes-its-folder', '')];
});

/** Returns whether the content is neither the sample nor the repeated sample. */
const isDamaged = (content: Buffer) => content.byteLength < MEBIBYTE && String(content) !== SAMPLE;
wrong('throws-anything', async (job) => {
  if (isDamaged(await read(job))) throw new TypeError('row is undefined');
  return [text('throws-anything', '')];
});
wrong('other-codes', async (job) => {
  if (isDamaged(await read(job))) throw new Rejected('csv.bad_row', 'row 1 is bad');
  return [text('other-codes', '')];
});
wrong('left-behind', async (job) => {
  if (isDamaged(await read(job))) void Promise.reject(new Error('nobody waits for this'));
  return [text('left-behind', '')];
});

/** Returns whether the content is a truncated sample. */
const isCut = (content: string) => content !== SAMPLE && SAMPLE.startsWith(content);
wrong('never-ends', async (job) => {
  if (isCut(String(await read(job)))) await new Promise(() => undefined);
  return [text('never-ends', '')];
});
wrong('blocks', async (job) => {
  const content = String(await read(job));
  while (isCut(content));
  return [text('blocks', '')];
});

const streams = { streams: true };
async function sizeOf({ source }: Job): Promise<number> {
  let bytes = 0;
  for await (const chunk of source.stream()) bytes += chunk.byteLength;
  return bytes;
}

wrong(
  'goes-on',
  async ({ source }) => {
    let bytes = 0;
    const isLarge = () => bytes > MEBIBYTE;
    for await (const chunk of source.stream()) {
      bytes += chunk.byteLength;
      while (isLarge()) await setTimeout(100);
    }
    return [text('goes-on', String(bytes))];
  },
  { ...streams, limits: { seconds: 1, bytes: 1000 } },
);

wrong(
  'depends-on-chunks',
  async ({ source }) => {
    async function* chunks() {
      for await (const chunk of source.stream()) yield Buffer.from(`${String(chunk)};`);
    }
    return [text('depends-on-chunks', chunks())];
  },
  streams,
);

wrong('holds-its-source', async (job) => [text('holds-its-source', await read(job))], {
  ...streams,
  limits: { seconds: 1, bytes: 2_000_000_000 },
});

wrong(
  'rejects-much',
  async (job) => {
    const bytes = await sizeOf(job);
    if (bytes > MEBIBYTE) throw new Rejected('rejects-much.rows', 'too many rows');
    return [text('rejects-much', String(bytes))];
  },
  { ...streams, limits: { seconds: 1, bytes: 2_000_000_000 } },
);
