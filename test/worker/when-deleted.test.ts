import {
  DeleteObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { defineConfig } from '../../src/core/config.ts';
import { dirtyMessage } from '../../src/core/notification.ts';
import { DEFAULT_RECIPE, parseRecipe, type Recipe } from '../../src/core/recipe.ts';
import { localDeployment } from '../../src/local/deployment.ts';
import { queueDeleted } from '../../src/ops/queue-deleted.ts';
import { readConfig } from '../../src/worker/config.ts';
import { createDeps } from '../../src/worker/deps.ts';
import { createWorker } from '../../src/worker/worker.ts';
import { insteadOfImages, textResult } from '../support/conversions.ts';
import { before, recording } from '../support/failing.ts';
import { countMessages, listKeys, read, readReport } from '../support/pipeline.ts';
import { storeReport } from '../support/stored.ts';
import { benchOfEachTest, contextOf, recordOf, type Bench } from '../support/worker.ts';

const DELETE = parseRecipe(
  '{"renditions":[{"name":"web"},{"name":"thumb"}],"whenDeleted":"delete","ignore":[]}',
);
const KEEP = parseRecipe('{"renditions":[{"name":"web"},{"name":"thumb"}],"ignore":[]}');

let bench: Bench;
benchOfEachTest((started) => {
  bench = started;
}, DELETE);

interface Settling {
  records?: SQSRecord[];
  recipe?: Recipe;
  /** Called with the worker's client, to interfere. */
  meanwhile?: (s3: S3Client) => void;
  stamped?: boolean;
}

/** Settles messages, by default all that have arrived. Returns how many will be delivered again. */
async function settle({
  records = bench.conversion.receive(10),
  recipe = DELETE,
  meanwhile,
  stamped = true,
}: Settling = {}): Promise<number> {
  const deps = createDeps(readConfig({ ...bench.env, MILLRACE_RECIPE: JSON.stringify(recipe) }));
  meanwhile?.(deps.s3);
  const conversions = insteadOfImages(
    async (content, { renditions, stamp }) =>
      renditions.map((name) =>
        textResult(name, `${Buffer.from(content).toString()}${stamped ? ` [${stamp}]` : ''}`),
      ),
    { stamped },
  );
  const handler = createWorker({ ...deps, conversions, random: () => 0 });
  const { batchItemFailures } = await handler({ Records: records }, contextOf());
  if (records.length > 0 && batchItemFailures.length === 0) bench.conversion.delete(records);
  return batchItemFailures.length;
}

const put = (Key: string, Body: string) =>
  bench.s3.send(new PutObjectCommand({ Bucket: 'uploads', Key, Body }));
const remove = (Key: string, VersionId?: string) =>
  bench.s3.send(new DeleteObjectCommand({ Bucket: 'uploads', Key, ...(VersionId ? { VersionId } : {}) }));
const results = () => listKeys(bench.s3, 'results');
const textOf = async (key: string) => (await read(bench.s3, 'results', key))?.bytes.toString();
const messageOf = (key: string) =>
  recordOf(dirtyMessage({ bucket: 'uploads', key }), bench.resources.conversionQueue.arn);

describe('a deleted upload', () => {
  it('has its results with extensions deleted, under any rule', async () => {
    const resultName = '{key}.{extension}' as const;
    const imagesOnly: Recipe = { ...DEFAULT_RECIPE, resultName, whenDeleted: 'delete' };
    const options = { renditions: [{ name: 'web', format: 'jpeg' as const }], limits: {} };
    const { recipe } = defineConfig({
      resultName,
      whenDeleted: 'delete',
      conversions: [{ conversion: 'image', keys: ['*.txt'], options }],
    });
    for (const key of ['a.txt', 'a.txt.webp']) await put(key, 'cat');
    await settle({ recipe: imagesOnly });
    expect(await results()).toEqual(['a.txt.webp', 'a.txt.webp.webp']);
    await remove('a.txt');
    expect(await settle({ recipe })).toBe(0);
    expect(await results()).toEqual(['a.txt.webp.webp']);
  });

  it('has exactly its own results deleted', async () => {
    await put('a.txt', 'cat');
    await put('b.txt', 'dog');
    await settle();
    expect(await results()).toEqual(['thumb/a.txt', 'thumb/b.txt', 'web/a.txt', 'web/b.txt']);
    await remove('a.txt');
    expect(await settle()).toBe(0);
    expect(await results()).toEqual(['thumb/b.txt', 'web/b.txt']);
  });

  it('keeps its results if the recipe says so, whatever the event', async () => {
    await put('a.txt', 'cat');
    await settle();
    await remove('a.txt');
    expect(await settle({ recipe: KEEP })).toBe(0);
    expect(await results()).toEqual(['thumb/a.txt', 'web/a.txt']);
  });

  it("has its failure report deleted, but no other upload's", async () => {
    await put('a.txt', 'cat');
    await storeReport(bench.s3, { bucket: 'uploads', key: 'a.txt' });
    await put('b.txt', 'cat');
    await storeReport(bench.s3, { bucket: 'others', key: 'b.txt' }, 'b.txt');
    for (const key of ['a.txt', 'b.txt']) await remove(key);
    await settle();
    expect(await listKeys(bench.s3, 'failures')).toEqual(['b.txt']);
  });

  it("keeps foreign objects under its results' keys", async () => {
    await put('a.txt', 'cat');
    await settle();
    await bench.s3.send(new PutObjectCommand({ Bucket: 'results', Key: 'web/a.txt', Body: 'theirs' }));
    await remove('a.txt');
    await settle();
    expect(await results()).toEqual(['web/a.txt']);
  });

  it('has its results deleted even if its name is now ignored', async () => {
    await put('draft.txt', 'cat');
    await settle();
    await remove('draft.txt');
    await put('draft-2.txt', 'cat');
    const recipe = parseRecipe(
      '{"renditions":[{"name":"web"},{"name":"thumb"}],"whenDeleted":"delete","ignore":["draft*"]}',
    );
    expect(await settle({ recipe })).toBe(0);
    expect(await results()).toEqual([]);
  });

  it('has the results of every rule deleted, as the reconciliation finds them', async () => {
    await put('a.csv', 'cat');
    await settle();
    const { recipe } = defineConfig({
      renditions: [{ name: 'web' }, { name: 'thumb' }],
      whenDeleted: 'delete',
      conversions: [
        { conversion: 'image', keys: ['*.csv'], options: { renditions: [{ name: 'json' }], limits: {} } },
      ],
    });
    await remove('a.csv');
    bench.conversion.delete(bench.conversion.receive(10));
    const ops = { s3: bench.s3, sqs: bench.sqs, deployment: localDeployment('', bench.resources, recipe) };
    expect(await queueDeleted(ops, { stop: new AbortController().signal })).toEqual({ queued: 1 });
    expect(await settle({ recipe })).toBe(0);
    expect(await results()).toEqual([]);
    expect(await queueDeleted(ops, { stop: new AbortController().signal })).toEqual({ queued: 0 });
  });

  it('costs one check per object, and a check of the upload before and after', async () => {
    await put('a.txt', 'cat');
    await settle();
    await remove('a.txt');
    const asked: object[][] = [];
    const names = ['HeadObjectCommand', 'GetObjectCommand', 'DeleteObjectCommand', 'PutObjectCommand'];
    await settle({ meanwhile: (s3) => void asked.push(...names.map((name) => recording(s3, name))) });
    expect(asked.map(({ length }) => length)).toEqual([7, 1, 2, 0]);
  });

  it('is settled again by a late or duplicate message', async () => {
    await put('a.txt', 'cat');
    const late = bench.conversion.receive(10);
    await settle({ records: late });
    await remove('a.txt');
    await settle();
    expect(await settle({ records: [messageOf('a.txt')] })).toBe(0);
    expect(await results()).toEqual([]);
  });
});

describe('the deletion of the newest version', () => {
  it("restores the previous version's result", async () => {
    await put('a.txt', 'cat');
    await settle();
    const { VersionId } = await put('a.txt', 'dog');
    await settle();
    expect(await textOf('web/a.txt')).toMatch(/^dog/);
    await remove('a.txt', VersionId);
    await settle();
    expect(await textOf('web/a.txt')).toMatch(/^cat/);
  });

  it('deletes the result if it was the only one', async () => {
    const { VersionId } = await put('a.txt', 'cat');
    await settle();
    await remove('a.txt', VersionId);
    await settle();
    expect(await results()).toEqual([]);
  });
});

describe('an upload that comes back', () => {
  it('during its deletion gets its results back', async () => {
    await put('a.txt', 'cat');
    await settle();
    const { VersionId = '' } = await remove('a.txt');
    let undeleted: { ran: boolean } | undefined;
    const again = await settle({
      meanwhile(s3) {
        undeleted = before(s3, 'DeleteObjectCommand', { Bucket: 'results', Key: 'web/a.txt' }, async () => {
          await remove('a.txt', VersionId);
        });
      },
    });
    expect(undeleted).toEqual({ ran: true });
    expect(again).toBe(0);
    expect(await textOf('web/a.txt')).toMatch(/^cat/);
    expect(await textOf('thumb/a.txt')).toMatch(/^cat/);
  });

  it('as a new upload keeps the results that it has by then', async () => {
    await put('a.txt', 'cat');
    await settle();
    await remove('a.txt');
    const deletion = bench.conversion.receive(10);
    await settle({
      records: deletion,
      meanwhile: (s3) =>
        void before(s3, 'DeleteObjectCommand', { Bucket: 'results', Key: 'web/a.txt' }, async () => {
          await put('a.txt', 'dog');
          await settle({ records: bench.conversion.receive(10) });
        }),
    });
    expect(await textOf('web/a.txt')).toMatch(/^dog/);
    expect(await textOf('thumb/a.txt')).toMatch(/^dog/);
  });
});

describe('a conversion whose upload is deleted in the meantime', () => {
  it.each([
    ['with a stamp', true],
    ['without a stamp', false],
  ])('leaves no result, even if the deletion was settled first, %s', async (_what, stamped) => {
    await put('a.txt', 'cat');
    const again = await settle({
      stamped,
      meanwhile: (s3) =>
        void before(s3, 'PutObjectCommand', { Bucket: 'results', Key: 'web/a.txt' }, async () => {
          await remove('a.txt');
          await settle({ records: bench.conversion.receive(10), stamped });
        }),
    });
    expect(again).toBe(0);
    expect(await results()).toEqual([]);
  });

  it('leaves no failure report', async () => {
    await put('a.txt', '');
    const settling = settle({
      meanwhile: (s3) =>
        void before(s3, 'PutObjectCommand', { Bucket: 'failures', Key: 'a.txt' }, async () => {
          await remove('a.txt');
          await settle({ records: bench.conversion.receive(10) });
        }),
    });
    expect(await settling).toBe(0);
    expect(await readReport(bench.s3, 'a.txt')).toBeUndefined();
    expect(await countMessages(bench.sqs, bench.resources.deadLetterQueue.url)).toBe(0);
  });

  it('and whose bucket has no versions leaves no result', async () => {
    await bench.s3.send(
      new PutBucketVersioningCommand({
        Bucket: 'uploads',
        VersioningConfiguration: { Status: 'Suspended' },
      }),
    );
    await put('a.txt', 'cat');
    await settle();
    await remove('a.txt');
    await settle();
    expect(await results()).toEqual([]);
  });
});
