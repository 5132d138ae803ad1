import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListObjectVersionsCommand, PutBucketVersioningCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { millrace, millraceStart, type Started } from '../support/command.ts';
import { clientsOf, countMessages, listKeys, untilQuiet } from '../support/pipeline.ts';
import { jsonLines } from '../support/json-lines.ts';

/** 3,072 pixels. */
const SIZE = { width: 64, height: 48 };
const LARGE = Array.from({ length: 300 }, (_, index) => `large/${index}.png`);
const CORRUPT = Array.from({ length: 100 }, (_, index) => `corrupt/${index}.png`);
const TEXT = Array.from({ length: 100 }, (_, index) => `text/${index}.png`);

let folder: string;
let recipe: string;
let started: Started;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  recipe = join(folder, 'too-strict.json');
  await writeFile(recipe, JSON.stringify({ limits: { pixels: 3000 } }));
  started = await millraceStart('--data', join(folder, 'data'), '--recipe', recipe);
});
afterAll(async () => {
  await started.end('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

const command = async (...args: string[]) => {
  const finished = await millrace(...args, '--endpoint', started.url, '--json');
  const lines = jsonLines(finished.stdout);
  return { ...finished, lines, summary: lines.at(-1) };
};
const groups = async () => {
  const { lines } = await command('dlq');
  return Object.fromEntries(
    lines.filter(({ type }) => type === 'group').map(({ code, count }) => [code, count]),
  );
};

const REDRIVE = ['redrive', '--code', 'image.too_many_pixels', '--canary', '5', '--rate', '50'];
const CAREFULLY = [...REDRIVE, '--stop-if-failing', '20%', '--wait', '--yes'];

it('with 500 dead letters of three codes, a redrive of one code stops at its canary while the cause exists, and converts all once it is fixed', async () => {
  const png = (size: { width: number; height: number }) =>
    sharp({ create: { ...size, channels: 3, background: '#336699' } })
      .png()
      .toBuffer();
  const image = await png(SIZE);
  const small = await png({ width: 16, height: 12 });
  const { s3, sqs } = clientsOf(started.awsUrl);
  const put = (Key: string, Body: Buffer | string) =>
    s3.send(new PutObjectCommand({ Bucket: 'uploads', Key, Body }));
  await Promise.all([
    ...LARGE.map((key) => put(key, image)),
    ...CORRUPT.map((key) => put(key, small.subarray(0, small.length / 2))),
    ...TEXT.map((key) => put(key, 'I am no image')),
  ]);
  await untilQuiet({ sqs, queues: started.queues });

  const all = { 'image.too_many_pixels': 300, 'image.corrupt': 100, 'image.unsupported_format': 100 };
  expect(await groups()).toEqual(all);
  const plan = await command(...REDRIVE);
  expect(plan.summary).toMatchObject({ planned: 300, moved: 0 });
  expect(await groups()).toEqual(all);

  // The cause is not fixed.
  const inVain = await command(...CAREFULLY);
  expect(inVain.summary).toMatchObject({
    state: 'stopped',
    moved: 5,
    converted: 0,
    failedAgain: 5,
    pending: 0,
  });
  expect(inVain.code).toBe(1);
  expect(await groups()).toEqual(all);

  // Fixes the cause: the same data with a recipe that allows these images.
  await started.end('SIGINT');
  started = await millraceStart('--data', join(folder, 'data'));
  const after = clientsOf(started.awsUrl);
  await after.s3.send(
    new PutBucketVersioningCommand({
      Bucket: 'results',
      VersioningConfiguration: { Status: 'Enabled' },
    }),
  );
  const mended = await command(...CAREFULLY);
  expect(mended.summary).toMatchObject({
    state: 'done',
    moved: 300,
    converted: 300,
    failedAgain: 0,
    pending: 0,
  });
  expect(mended.code).toBe(0);
  expect(await groups()).toEqual({ 'image.corrupt': 100, 'image.unsupported_format': 100 });
  expect((await listKeys(after.s3, 'results')).toSorted()).toEqual(LARGE.toSorted());
  const { Versions = [] } = await after.s3.send(new ListObjectVersionsCommand({ Bucket: 'results' }));
  expect(Versions).toHaveLength(LARGE.length);
  const { summary } = await command('status');
  expect(summary).toMatchObject({ uploaded: 500, converted: 300, failed: 200, pending: 0 });
  expect(await countMessages(after.sqs, started.queues.deadLetter)).toBe(200);
});

it('the fire drill passes: the poison is found, the alarm fires, and the fixed object gets its result', async () => {
  // The alarm of others would stay on.
  const purged = await command('dlq', 'purge', '--export', join(folder, 'others.jsonl'), '--yes');
  expect(purged.code).toBe(0);
  const { code, summary, lines } = await command('drill', '--yes');
  expect(summary).toMatchObject({ passed: true, alarmed: true, code: 'image.unsupported_format' });
  expect(lines.filter(({ type }) => type === 'step').map(({ text }) => text)).toContain(
    'the alarm is in ALARM',
  );
  expect(code).toBe(0);
  const { s3 } = clientsOf(started.awsUrl);
  expect((await listKeys(s3, 'uploads')).filter((key) => key.includes('drill'))).toEqual([]);
  expect((await listKeys(s3, 'results')).filter((key) => key.includes('drill'))).toEqual([]);
});
