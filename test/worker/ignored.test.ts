import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { dirtyMessage } from '../../src/core/notification.ts';
import { parseRecipe, type Recipe } from '../../src/core/recipe.ts';
import { readConfig } from '../../src/worker/config.ts';
import { insteadOfImages, textResult } from '../support/conversions.ts';
import { createDeps } from '../../src/worker/deps.ts';
import { createWorker } from '../../src/worker/worker.ts';
import { recording } from '../support/failing.ts';
import { countMessages, listKeys, read } from '../support/pipeline.ts';
import { benchOfEachTest, contextOf, recordOf, type Bench } from '../support/worker.ts';

const DEFAULT = parseRecipe('{}');
let bench: Bench;
let counted: string[];
benchOfEachTest((started) => {
  bench = started;
  counted = [];
});

const conversions = insteadOfImages(async (content, { renditions, stamp }) =>
  renditions.map((name) => textResult(name, `${Buffer.from(content).toString()} [${stamp}]`)),
);

/** Settles records with a worker with this recipe. Returns its requests. No record may be delivered again. */
async function settle(records: SQSRecord[], recipe: Recipe = DEFAULT) {
  const deps = createDeps(readConfig({ ...bench.env, MILLRACE_RECIPE: JSON.stringify(recipe) }));
  const { addMetric } = deps.metrics;
  deps.metrics.addMetric = function (name, ...rest) {
    if (!name.endsWith('Milliseconds') && !name.startsWith('Bytes')) counted.push(name);
    return addMetric.call(this, name, ...rest);
  };
  const asked = ['HeadObject', 'GetObject', 'PutObject', 'DeleteObject'].map((name) => ({
    name,
    inputs: recording(deps.s3, `${name}Command`),
  }));
  const handler = createWorker({
    ...deps,
    conversions,
    random: () => 0,
  });
  const { batchItemFailures } = await handler({ Records: records }, contextOf());
  expect(batchItemFailures).toEqual([]);
  return asked.flatMap(({ name, inputs }) =>
    (inputs as { Bucket: string }[]).map(({ Bucket }) => `${name} ${Bucket}`),
  );
}

const put = (Key: string, Body: string) =>
  bench.s3.send(new PutObjectCommand({ Bucket: 'uploads', Key, Body }));
const arrived = () => bench.conversion.receive(10);
const retried = (key: string) =>
  recordOf(dirtyMessage({ bucket: 'uploads', key }), bench.resources.retryQueue.arn);
const queued = (key: string) =>
  recordOf(dirtyMessage({ bucket: 'uploads', key }), bench.resources.conversionQueue.arn);

/** Checks that no report or message is left. */
async function expectSilence(): Promise<void> {
  expect(await listKeys(bench.s3, 'failures')).toEqual([]);
  for (const queue of ['retryQueue', 'deadLetterQueue'] as const)
    expect(await countMessages(bench.sqs, bench.resources[queue].url)).toBe(0);
}

describe('a folder placeholder', () => {
  it('is not converted, whichever message names it', async () => {
    await put('photos/', '');
    for (const record of [...arrived(), queued('photos/'), retried('photos/')]) await settle([record]);
    expect(counted).toEqual(['Ignored', 'Ignored', 'Ignored']);
    expect(await listKeys(bench.s3, 'results')).toEqual([]);
    await expectSilence();
  });

  it('is not recognized with a byte in it, or without bytes under another key', async () => {
    await put('photos/', 'x');
    await put('photos', '');
    await settle(arrived());
    expect((await read(bench.s3, 'results', 'photos/'))?.bytes.toString()).toMatch(/^x /);
    expect(counted.toSorted()).toEqual(['Converted', 'Rejected']);
  });

  it('settles the key like any latest upload: earlier uploads are no longer converted', async () => {
    await put('photos/', 'first');
    const late = arrived();
    await put('photos/', '');
    await settle(late);
    await settle(arrived());
    expect(await listKeys(bench.s3, 'results')).toEqual([]);
    expect(counted).toEqual(['Ignored', 'Ignored']);
    await put('photos/', 'second');
    await settle(arrived());
    expect((await read(bench.s3, 'results', 'photos/'))?.bytes.toString()).toMatch(/^second /);
  });

  it('keeps the result of the upload that it replaced, as a failed upload does', async () => {
    await put('photos/', 'first');
    await settle(arrived());
    await put('photos/', '');
    counted = [];
    expect(await settle(arrived())).toEqual(['HeadObject results', 'HeadObject uploads']);
    expect(counted).toEqual(['Ignored']);
    expect((await read(bench.s3, 'results', 'photos/'))?.bytes.toString()).toMatch(/^first /);
    await expectSilence();
  });

  it('is not converted if its result’s key would be too long', async () => {
    const recipe = parseRecipe('{"renditions":[{"name":"large"},{"name":"thumb"}]}');
    const key = `${'x'.repeat(1022)}/`;
    await put(key, '');
    await settle(arrived(), recipe);
    expect(counted).toEqual(['Ignored']);
    await expectSilence();
  });
});

describe('a name that the recipe ignores', () => {
  it('causes no requests, in either lane', async () => {
    await put('a/.DS_Store', 'x');
    await put('._b.jpg', '');
    expect(await settle([...arrived(), retried('Thumbs.db')])).toEqual([]);
    expect(counted).toEqual(['Ignored', 'Ignored', 'Ignored']);
    await expectSilence();
  });

  it('is set by the recipe: with an empty list, everything is converted', async () => {
    await put('.DS_Store', 'x');
    await put('a.tmp', 'y');
    const records = arrived();
    await settle(records, parseRecipe('{"ignore":["*.tmp"]}'));
    expect(await listKeys(bench.s3, 'results')).toEqual(['.DS_Store']);
    await settle([queued('a.tmp')], parseRecipe('{"ignore":[]}'));
    expect(await listKeys(bench.s3, 'results')).toEqual(['.DS_Store', 'a.tmp']);
  });

  it('does not block the other objects in its message', async () => {
    await put('a.txt', 'a');
    const [record] = arrived();
    const { Records } = JSON.parse(record?.body ?? '') as { Records: { s3: { object: object } }[] };
    const litter = structuredClone(Records[0]);
    Object.assign(litter?.s3.object ?? {}, { key: '.DS_Store' });
    const body = JSON.stringify({ Records: [litter, ...Records] });
    await settle([recordOf(body, bench.resources.conversionQueue.arn)]);
    expect(await listKeys(bench.s3, 'results')).toEqual(['a.txt']);
  });
});
