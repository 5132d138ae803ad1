import { DeleteObjectCommand, PutBucketVersioningCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { dirtyMessage } from '../../src/core/notification.ts';
import { parseRecipe, recipeId, type Recipe } from '../../src/core/recipe.ts';
import { readResultMetadata } from '../../src/core/result-metadata.ts';
import { readConfig } from '../../src/worker/config.ts';
import { insteadOfImages, textResult } from '../support/conversions.ts';
import { createDeps } from '../../src/worker/deps.ts';
import { createWorker } from '../../src/worker/worker.ts';
import { countMessages, read } from '../support/pipeline.ts';
import type { Handler } from '../../src/worker/lambda-handler.ts';
import { benchOfEachTest, contextOf, recordOf, type Bench } from '../support/worker.ts';

const [A, B] = [72, 50].map((quality) =>
  parseRecipe(JSON.stringify({ renditions: [{ name: 'web', quality }] })),
);
let bench: Bench;
benchOfEachTest((started) => {
  bench = started;
});

/** A deployed version of the worker. Its conversions wait for `gate`, and their results contain its quality. */
function deploy(recipe: Recipe | undefined, generation: number, gate?: Promise<void>): Handler {
  if (recipe === undefined) throw new Error('expected a recipe');
  const conversions = insteadOfImages(async (content, { options, stamp }) => {
    await gate;
    return options.renditions.map(({ name, quality }) =>
      textResult(name, `${Buffer.from(content).toString()} at ${quality} [${stamp}]`),
    );
  });
  const config = { ...readConfig(process.env), recipe, recipeId: recipeId(recipe), generation };
  return createWorker({
    ...createDeps(config),
    conversions,
    random: () => 0,
  });
}

const put = (Key: string, Body: string) =>
  bench.s3.send(new PutObjectCommand({ Bucket: 'uploads', Key, Body }));
const resultOf = async () => (await read(bench.s3, 'results', 'a.txt'))?.bytes.toString();
const generationOf = async () =>
  readResultMetadata((await read(bench.s3, 'results', 'a.txt'))?.metadata)?.generation;
const settle = async (handler: Handler, records: SQSRecord[]) =>
  (await handler({ Records: records }, contextOf())).batchItemFailures;
const retried = () => countMessages(bench.sqs, bench.resources.retryQueue.url);
/** A message as queued by a backfill. */
const backfill = () =>
  recordOf(dirtyMessage({ bucket: 'uploads', key: 'a.txt' }), bench.resources.conversionQueue.arn);
const unversion = () =>
  bench.s3.send(
    new PutBucketVersioningCommand({ Bucket: 'uploads', VersioningConfiguration: { Status: 'Suspended' } }),
  );
function gateOf() {
  let open: () => void = () => undefined;
  return { gate: new Promise<void>((resolve) => (open = resolve)), open: () => open() };
}

describe('while a recipe is deployed', () => {
  it('an invocation of the previous version does not replace results of the new one', async () => {
    await put('a.txt', 'x');
    const { gate, open } = gateOf();
    const old = settle(deploy(A, 1, gate), bench.conversion.receive(10));
    const fresh = deploy(B, 2);
    expect(await settle(fresh, [backfill()])).toEqual([]);
    open();
    expect(await old).toEqual([]);
    expect(await resultOf()).toMatch(/^x at 50/);
    expect(await retried()).toBe(0);
  });

  it('nor after a rollback to the previous recipe', async () => {
    await put('a.txt', 'x');
    await settle(deploy(A, 1), bench.conversion.receive(10));
    const { gate, open } = gateOf();
    const old = settle(deploy(B, 2, gate), [backfill()]);
    expect(await settle(deploy(A, 3), [backfill()])).toEqual([]);
    open();
    expect(await old).toEqual([]);
    expect(await resultOf()).toMatch(/^x at 72/);
    expect(await generationOf()).toBe(3);
  });

  it('an upload whose result is from a later deployment is left to that one, and not finally acknowledged', async () => {
    await put('a.txt', 'x');
    await settle(deploy(B, 2), bench.conversion.receive(10));
    await put('a.txt', 'y');
    expect(await settle(deploy(A, 1), bench.conversion.receive(10))).toEqual([]);
    expect(await resultOf()).toMatch(/^x at 50/);
    expect(await retried()).toBe(1);
  });

  it('this also holds without versions, even if the result may be from this very upload', async () => {
    await unversion();
    await put('a.txt', 'x');
    await settle(deploy(B, 2), bench.conversion.receive(10));
    expect(await settle(deploy(A, 1), [backfill()])).toEqual([]);
    expect(await resultOf()).toMatch(/^x at 50/);
    expect(await retried()).toBe(1);
  });

  it('a result of the previous version is made again, once', async () => {
    await put('a.txt', 'x');
    await settle(deploy(A, 1), bench.conversion.receive(10));
    const fresh = deploy(B, 2);
    await settle(fresh, [backfill()]);
    const made = await read(bench.s3, 'results', 'a.txt');
    await settle(fresh, [backfill()]);
    expect(await read(bench.s3, 'results', 'a.txt')).toEqual(made);
    expect(made?.bytes.toString()).toMatch(/^x at 50/);
  });
});

describe('with suspended versioning', () => {
  const notification = (extra: object) =>
    recordOf(
      JSON.stringify({
        Records: [
          {
            eventSource: 'aws:s3',
            eventVersion: '2.1',
            s3: { bucket: { name: 'uploads' }, object: { key: 'a.txt', ...extra } },
          },
        ],
      }),
      bench.resources.conversionQueue.arn,
    );

  it.each([
    ['names the version null', { versionId: 'null' }],
    ['names an empty version', { versionId: '' }],
    ['has an empty sequencer', { versionId: 'null', sequencer: '' }],
  ])('the second upload of a key is converted, even if its notification %s', async (_what, extra) => {
    await unversion();
    const handler = deploy(A, 1);
    for (const body of ['x', 'y']) {
      await put('a.txt', body);
      expect(await settle(handler, [notification(extra)])).toEqual([]);
    }
    expect(await resultOf()).toMatch(/^y /);
  });

  it('the second of two uploads with different sequencers is converted, and a repeated notification costs nothing', async () => {
    await unversion();
    const handler = deploy(A, 1);
    for (const [body, sequencer] of [
      ['x', '01'],
      ['y', '02'],
    ] as const) {
      await put('a.txt', body);
      await settle(handler, [notification({ versionId: 'null', sequencer })]);
    }
    const made = await resultOf();
    await settle(handler, [notification({ versionId: 'null', sequencer: '02' })]);
    expect(made).toMatch(/^y /);
    expect(await resultOf()).toBe(made);
  });

  it('a key that is deleted and uploaded again is converted again', async () => {
    await unversion();
    const handler = deploy(A, 1);
    await put('a.txt', 'x');
    await settle(handler, bench.conversion.receive(10));
    await bench.s3.send(new DeleteObjectCommand({ Bucket: 'uploads', Key: 'a.txt' }));
    await put('a.txt', 'z');
    await settle(handler, bench.conversion.receive(10));
    expect(await resultOf()).toMatch(/^z /);
  });
});
