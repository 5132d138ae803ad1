import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CopyObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FailureReport } from '../../src/core/failure-report.ts';
import { dirtyMessage } from '../../src/core/notification.ts';
import { parseRecipe, recipeId } from '../../src/core/recipe.ts';
import { nextSecond } from '../support/eventually.ts';
import { tinyPng } from '../support/images.ts';
import { ownUpload, type OwnUpload } from '../support/own-upload.ts';
import { countMessages, startTestPipeline, untilQuiet, type TestPipeline } from '../support/pipeline.ts';
import { askAll, askOrphans } from '../support/views.ts';
import { statesDocument, type Present } from './states-document.ts';

const OLDER = parseRecipe('{"renditions":[{"name":"web","width":8,"height":8}]}');
const RECIPE = parseRecipe('{"renditions":[{"name":"web","width":4,"height":4}]}');

let data: string;
let pipeline: TestPipeline;
let image: Buffer;
beforeAll(async () => {
  [data, image] = await Promise.all([mkdtemp(join(tmpdir(), 'millrace-test-')), tinyPng()]);
});
afterAll(async () => {
  await pipeline.stop();
  await rm(data, { recursive: true });
});

async function start(recipe = RECIPE): Promise<void> {
  pipeline = await startTestPipeline({ concurrency: 1, data, recipe });
}

const HOUR = 3_600_000;
const fromNow = (milliseconds: number) => new Date(Date.now() + milliseconds).toISOString();

/** A report by the worker on an upload's current source. */
async function report({ key }: OwnUpload, change: Partial<FailureReport> = {}): Promise<void> {
  const {
    ETag = '',
    VersionId = '',
    LastModified,
  } = await pipeline.s3.send(new HeadObjectCommand({ Bucket: 'uploads', Key: key }));
  const written: FailureReport = {
    version: 1,
    status: 'failed',
    code: 'retries.exhausted',
    message: '5 attempts failed',
    bucket: 'uploads',
    key,
    source: { etag: ETag, versionId: VersionId, lastModified: LastModified?.toISOString() ?? '' },
    recipe: recipeId(RECIPE),
    attempt: 5,
    at: fromNow(0),
    overAt: null,
    messageId: 'message',
    requestId: 'request',
    logGroup: 'group',
    logStream: 'stream',
    ...change,
  };
  await pipeline.s3.send(
    new PutObjectCommand({ Bucket: 'failures', Key: key, Body: JSON.stringify(written) }),
  );
}

const send = ({ key }: OwnUpload, delay: { DelaySeconds?: number } = {}) =>
  pipeline.sqs.send(
    new SendMessageCommand({
      QueueUrl: pipeline.queues.conversion,
      MessageBody: dirtyMessage({ bucket: 'uploads', key }),
      ...delay,
    }),
  );

/** Longer than this test takes, so that the message waits while the views are queried. */
const WAITING = { DelaySeconds: 900 };

/** Puts an upload into a state without a waiting message. */
async function build({ source, result, report: reported }: Present): Promise<OwnUpload> {
  const upload = ownUpload(pipeline);
  if (reported && !result) await upload.put('no image');
  else {
    await upload.putUnannounced(image);
    if (reported) await report(upload);
    if (result) {
      await send(upload);
      await untilQuiet(pipeline);
    }
  }
  if (!source) await upload.remove();
  return upload;
}

/** Stores an upload's result again, with a later date and, on request, other metadata. */
async function storeAgain(
  { key }: OwnUpload,
  change: (metadata: Record<string, string>) => Record<string, string> = (metadata) => metadata,
): Promise<void> {
  const at = { Bucket: 'results', Key: key };
  const { Metadata = {}, ContentType } = await pipeline.s3.send(new HeadObjectCommand(at));
  await pipeline.s3.send(
    new CopyObjectCommand({
      ...at,
      CopySource: `results/${key}`,
      MetadataDirective: 'REPLACE',
      ContentType,
      Metadata: change(Metadata),
    }),
  );
}

/** States that differ in the origin of the result or report. Each starts with a separate upload. */
const DETAILS: Record<string, (upload: OwnUpload) => Promise<unknown>> = {
  'result from a newer recipe': async (upload) => {
    await upload.put(image);
    await storeAgain(upload, (metadata) => ({
      ...metadata,
      generation: String(Number(metadata['generation']) + 1),
      recipe: 'next',
    }));
  },
  'result of the previous version': async (upload) => {
    await upload.put(image);
    await nextSecond();
    await upload.putUnannounced(image);
  },
  'result of the previous version, stored after the current one was uploaded': async (upload) => {
    await upload.put(image);
    await nextSecond();
    await upload.putUnannounced(image);
    await nextSecond();
    await storeAgain(upload);
  },
  'result of a newer version that has been deleted': async (upload) => {
    await upload.put(image);
    await nextSecond();
    await upload.remove(await upload.put(image));
  },
  'no result, after a delete marker was removed': async (upload) => {
    await upload.putUnannounced(image);
    await upload.remove(await upload.remove());
  },
  'another object in place of the result': async (upload) => {
    await upload.putUnannounced(image);
    await nextSecond();
    await pipeline.s3.send(new PutObjectCommand({ Bucket: 'results', Key: upload.key, Body: 'foreign' }));
  },
  'result and a newer report of the same version': async (upload) => {
    await upload.put(image);
    await nextSecond();
    await report(upload);
  },
  'report of an attempt in progress': async (upload) => {
    await upload.putUnannounced(image);
    await report(upload, { status: 'attempting', attempt: 1, overAt: fromNow(HOUR) });
  },
  'report of an attempt that never ended': async (upload) => {
    await upload.putUnannounced(image);
    const over = { at: fromNow(-2 * HOUR), overAt: fromNow(-HOUR) };
    await report(upload, { status: 'attempting', attempt: 1, code: 'process.died', ...over });
  },
  'report of the previous version': async (upload) => {
    await upload.put('no image');
    await nextSecond();
    await upload.putUnannounced(image);
  },
  'report of a newer version that has been deleted': async (upload) => {
    await upload.putUnannounced(image);
    await nextSecond();
    await upload.remove(await upload.put('no image'));
  },
  'result of the previous version, report of the current version': async (upload) => {
    await upload.put(image);
    await upload.put('no image');
  },
};

/** States with nothing to convert, and similar ones. Each starts with an upload of this name. */
const IGNORED: Record<string, { name: string; bring(upload: OwnUpload): Promise<unknown> }> = {
  'a folder placeholder': { name: 'folder/', bring: (upload) => upload.put('') },
  'an ignored name': { name: '.DS_Store', bring: (upload) => upload.put('litter') },
  'a folder placeholder whose message was lost': {
    name: 'folder/',
    bring: (upload) => upload.putUnannounced(''),
  },
  'an ignored name whose message was lost': {
    name: '._photo.png',
    bring: (upload) => upload.putUnannounced(image),
  },
  'a folder placeholder that replaced a converted upload': {
    name: 'folder/',
    async bring(upload) {
      await upload.put(image);
      await nextSecond();
      await upload.put('');
    },
  },
  'a folder placeholder that replaced a failed upload': {
    name: 'folder/',
    async bring(upload) {
      await upload.put('no image');
      await nextSecond();
      await upload.put('');
    },
  },
  'an upload that replaced a folder placeholder': {
    name: 'folder/',
    async bring(upload) {
      await upload.put('');
      await nextSecond();
      await upload.put(image);
    },
  },
  'an upload whose key ends in `/`, not yet converted': {
    name: 'folder/',
    bring: (upload) => upload.putUnannounced(image),
  },
  'an empty upload whose key does not end in `/`': {
    name: 'empty',
    bring: (upload) => upload.put(''),
  },
};

it('docs/states.md lists what each view shows for each state', async () => {
  await start(OLDER);
  const stale = ownUpload(pipeline);
  const refused = ownUpload(pipeline);
  for (const upload of [stale, refused]) await upload.put(image);
  await pipeline.stop();
  await start();
  await report(refused);

  const details = [
    { state: 'result from an older recipe', upload: stale },
    { state: 'result from an older recipe, report from the current recipe', upload: refused },
  ];
  for (const [state, bring] of Object.entries(DETAILS)) {
    const upload = ownUpload(pipeline);
    await bring(upload);
    details.push({ state, upload });
  }
  const ignored: { state: string; upload: OwnUpload }[] = [];
  for (const [state, { name, bring }] of Object.entries(IGNORED)) {
    const upload = ownUpload(pipeline, name);
    await bring(upload);
    ignored.push({ state, upload });
  }
  const states: { present: Present; upload: OwnUpload }[] = [];
  for (let bits = 15; bits >= 0; bits -= 1) {
    const [source, result, reported, message] = [8, 4, 2, 1].map((bit) => (bits & bit) > 0);
    const present = {
      source: source === true,
      result: result === true,
      report: reported === true,
      message: message === true,
    };
    states.push({ present, upload: await build(present) });
  }
  const waiting = states.filter(({ present }) => present.message);
  for (const { upload } of waiting) await send(upload, WAITING);

  const seenStates = [];
  for (const { present, upload } of states)
    seenStates.push({
      present,
      seen: { ...(await askAll(pipeline, upload)), ...(await askOrphans(pipeline, upload)) },
    });
  const seenDetails = [];
  for (const { state, upload } of details) seenDetails.push({ state, seen: await askAll(pipeline, upload) });
  const seenIgnored = [];
  for (const { state, upload } of ignored)
    seenIgnored.push({
      state,
      seen: { ...(await askAll(pipeline, upload)), ...(await askOrphans(pipeline, upload)) },
    });
  expect(await countMessages(pipeline.sqs, pipeline.queues.conversion)).toBe(waiting.length);
  await expect(statesDocument(seenStates, seenDetails, seenIgnored)).toMatchFileSnapshot(
    '../../docs/states.md',
  );

  const underWay = details.find(({ state }) => state === 'report of an attempt in progress');
  const answer = await fetch(`${pipeline.url}/objects/${underWay?.upload.key}`);
  expect(await answer.json()).toMatchObject({ status: 'pending', attempting: true });
});
