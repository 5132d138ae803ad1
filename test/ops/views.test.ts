import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutBucketVersioningCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localDeploymentSchema } from '../../src/core/deployment.ts';
import { failureReportSchema } from '../../src/core/failure-report.ts';
import { dirtyMessage } from '../../src/core/notification.ts';
import { parseRecipe } from '../../src/core/recipe.ts';
import { createFollower } from '../../src/ops/redrive/follow.ts';
import { millraceHere } from '../support/command-here.ts';
import { nextSecond } from '../support/eventually.ts';
import { ownUpload, type OwnUpload } from '../support/own-upload.ts';
import { read, startTestPipeline, untilQuiet, type TestPipeline } from '../support/pipeline.ts';
import { askAll } from '../support/views.ts';

const RECIPE = parseRecipe('{"renditions":[{"name":"web","width":8,"height":8}]}');
const YOUNGER_RECIPE = parseRecipe(
  '{"renditions":[{"name":"web","width":4,"height":4}],"limits":{"pixels":4}}',
);

let data: string;
let pipeline: TestPipeline;
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  pipeline = await startTestPipeline({ concurrency: 1, data, recipe: RECIPE });
});
afterAll(async () => {
  await pipeline.stop();
  await rm(data, { recursive: true });
});

const image = (background: string, size = 1) =>
  sharp({ create: { width: size, height: size, channels: 3, background } })
    .png()
    .toBuffer();

const EXACT = { 'status KEY': '', 'GET /objects': '', 'status PREFIX --verify': '' };
const BY_LISTINGS = { 'status PREFIX': '', 'GET /batches': '', pages: '' };
const ANY = { ...EXACT, ...BY_LISTINGS };
const all = (views: object, says: string) =>
  Object.fromEntries(Object.keys(views).map((view) => [view, says]));

/** Runs a backfill of the batch, and waits until all messages are processed. */
async function backfill({ batch }: OwnUpload, ...options: string[]): Promise<void> {
  const prefix = `batches/${batch}/`;
  const ended = await millraceHere('backfill', prefix, '--yes', '--endpoint', pipeline.url, ...options);
  expect(ended).toMatchObject({ code: 0 });
  await untilQuiet(pipeline);
}

/** Returns the object under an upload's key in the result bucket. */
const result = async ({ key }: OwnUpload) => (await read(pipeline.s3, 'results', key))?.metadata ?? {};

async function expectAllConverted(upload: OwnUpload): Promise<void> {
  expect(await askAll(pipeline, upload)).toEqual({
    ...all(ANY, 'converted'),
    ...all({ backfill: '', 'backfill --stale': '', 'backfill --by-listing': '' }, 'no'),
  });
}

describe('after the newest version of an upload was deleted', () => {
  it.each([
    ['other', '#00ff00'],
    ['equal', '#ff0000'],
  ])(
    'its result is not current, even if its contents were %s; backfill converts the remaining version',
    async (_, second) => {
      const upload = ownUpload(pipeline);
      const kept = await upload.put(await image('#ff0000'));
      await nextSecond();
      await upload.remove(await upload.put(await image(second)));

      // Listing-based views cannot see it, and state their basis.
      expect(await askAll(pipeline, upload)).toEqual({
        ...all(EXACT, 'pending'),
        ...all(BY_LISTINGS, 'converted'),
        ...all({ backfill: '', 'backfill --stale': '' }, 'queued'),
        'backfill --by-listing': 'no',
      });
      await backfill(upload);
      expect(await result(upload)).toMatchObject({ 'source-version-id': kept });
      await expectAllConverted(upload);
    },
  );

  it('its failure report no longer counts', async () => {
    const upload = ownUpload(pipeline);
    await upload.putUnannounced(await image('#ff0000'));
    await upload.remove(await upload.put('no image'));
    expect(await askAll(pipeline, upload)).toMatchObject({ ...all(EXACT, 'pending'), backfill: 'queued' });
    await backfill(upload);
    await expectAllConverted(upload);
  });
});

describe('an upload that was deleted before its conversion', () => {
  it('is pending once its delete marker is removed, until a backfill', async () => {
    const upload = ownUpload(pipeline);
    const versionId = await upload.putUnannounced(await image('#0000ff'));
    const marker = await upload.remove();
    const MessageBody = dirtyMessage({
      bucket: 'uploads',
      key: upload.key,
      ...(versionId === undefined ? {} : { versionId }),
    });
    await pipeline.sqs.send(new SendMessageCommand({ QueueUrl: pipeline.queues.conversion, MessageBody }));
    await untilQuiet(pipeline);
    expect(await askAll(pipeline, upload)).toMatchObject({
      ...all(BY_LISTINGS, 'not listed'),
      'GET /objects': 'unknown',
      backfill: 'no',
    });
    await upload.remove(marker);
    expect(await askAll(pipeline, upload)).toEqual({
      ...all(ANY, 'pending'),
      ...all({ backfill: '', 'backfill --stale': '', 'backfill --by-listing': '' }, 'queued'),
    });
    await backfill(upload, '--by-listing');
    await expectAllConverted(upload);
  });
});

describe('while versioning is suspended', () => {
  const setVersioning = (Status: 'Enabled' | 'Suspended') =>
    pipeline.s3.send(
      new PutBucketVersioningCommand({ Bucket: 'uploads', VersioningConfiguration: { Status } }),
    );

  it('a result belongs to the current upload as far as ETag and date show', async () => {
    await setVersioning('Suspended');
    const upload = ownUpload(pipeline);
    try {
      await upload.put(await image('#ff0000'));
      await expectAllConverted(upload);
      await upload.putUnannounced(await image('#00ff00'));
      expect(await askAll(pipeline, upload)).toMatchObject({ ...all(ANY, 'pending'), backfill: 'queued' });
      await backfill(upload);
      await expectAllConverted(upload);

      await nextSecond();
      await upload.putUnannounced(await image('#00ff00'));
      expect(await askAll(pipeline, upload)).toMatchObject({ ...all(ANY, 'pending'), backfill: 'queued' });
    } finally {
      await setVersioning('Enabled');
    }
    await backfill(upload);
    await expectAllConverted(upload);
  });

  it('a failure report belongs to the current upload as far as ETag and date show', async () => {
    await setVersioning('Suspended');
    const upload = ownUpload(pipeline);
    try {
      await upload.put('no image');
      expect(await askAll(pipeline, upload)).toMatchObject({ ...all(ANY, 'failed'), backfill: 'no' });
      await nextSecond();
      await upload.putUnannounced('no image');
      expect(await askAll(pipeline, upload)).toMatchObject({ ...all(ANY, 'pending'), backfill: 'queued' });
    } finally {
      await setVersioning('Enabled');
    }
  });

  it("a null version's result does not belong to the version before it, even if its contents are the same", async () => {
    const upload = ownUpload(pipeline);
    const kept = await upload.put(await image('#ff0000'));
    await setVersioning('Suspended');
    try {
      await upload.put(await image('#ff0000'));
    } finally {
      await setVersioning('Enabled');
    }
    await upload.remove('null');
    expect(await askAll(pipeline, upload)).toMatchObject({ ...all(EXACT, 'pending'), backfill: 'queued' });
    await backfill(upload);
    expect(await result(upload)).toMatchObject({ 'source-version-id': kept });
    await expectAllConverted(upload);
  });
});

describe("an object under a result's key that the pipeline did not make", () => {
  it('is not a result: the upload is pending, and a backfill replaces it', async () => {
    const upload = ownUpload(pipeline);
    await upload.putUnannounced(await image('#ff0000'));
    await pipeline.s3.send(
      new PutObjectCommand({ Bucket: 'results', Key: upload.key, Body: 'somebody else’s' }),
    );
    expect(await askAll(pipeline, upload)).toMatchObject({ ...all(EXACT, 'pending'), backfill: 'queued' });
    await backfill(upload);
    await expectAllConverted(upload);
  });
});

describe('after the recipe has changed', () => {
  let converted: OwnUpload;
  let refused: OwnUpload;
  let failed: OwnUpload;
  let redriven: OwnUpload;
  beforeAll(async () => {
    [converted, refused, failed] = [ownUpload(pipeline), ownUpload(pipeline), ownUpload(pipeline)];
    await converted.put(await image('#ff0000'));
    await refused.put(await image('#ff0000', 3));
    await failed.put('no image');
    redriven = ownUpload(pipeline);
    await redriven.put(await image('#ff0000'));
    await pipeline.stop();
    pipeline = await startTestPipeline({ concurrency: 1, data, recipe: YOUNGER_RECIPE });
  });
  const STALE = {
    ...all(BY_LISTINGS, 'converted'),
    ...all(EXACT, 'converted, stale'),
    backfill: 'no',
    'backfill --stale': 'queued',
    'backfill --by-listing': 'no',
  };

  it('a result of the previous recipe is converted and stale until a backfill of stale uploads', async () => {
    expect(await askAll(pipeline, converted)).toEqual(STALE);
    await backfill(converted, '--stale');
    await expectAllConverted(converted);
  });

  it('a result of the previous recipe does not end a redrive', async () => {
    const deployment = localDeploymentSchema.parse(await (await fetch(`${pipeline.url}/deployment`)).json());
    const { key } = redriven;
    const follower = createFollower({ ...pipeline, deployment }, 'redrive');
    follower.add({ id: 'dead letter', objects: [{ bucket: 'uploads', key }] }, 'message');
    expect(await follower.poll()).toEqual([]);
    await backfill(redriven, '--stale');
    expect(await follower.poll()).toEqual([{ kind: 'converted', key }]);
  });

  it('an upload that the new recipe refuses has failed, even if it has a result of the previous one', async () => {
    expect(await askAll(pipeline, refused)).toEqual(STALE);
    await backfill(refused, '--stale');
    expect(await askAll(pipeline, refused)).toEqual({
      ...all(ANY, 'failed'),
      ...all({ backfill: '', 'backfill --stale': '', 'backfill --by-listing': '' }, 'no'),
    });
  });

  it("an upload that the new recipe refuses has failed, even if the worker's clock is an hour behind", async () => {
    const stored = await read(pipeline.s3, 'failures', refused.key);
    const report = failureReportSchema.parse(JSON.parse(String(stored?.bytes)));
    const at = new Date(Date.parse(report.at) - 3_600_000).toISOString();
    await pipeline.s3.send(
      new PutObjectCommand({ Bucket: 'failures', Key: refused.key, Body: JSON.stringify({ ...report, at }) }),
    );
    expect(await askAll(pipeline, refused)).toMatchObject(all(EXACT, 'failed'));
  });

  it('a failure remains a failure', async () => {
    expect(await askAll(pipeline, failed)).toMatchObject({ ...all(ANY, 'failed'), 'backfill --stale': 'no' });
  });
});
