import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { SQSBatchResponse } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENV } from '../../src/core/env.ts';
import { startJob } from '../../src/ops/redrive/job.ts';
import { findRecord } from '../../src/ops/redrive/record.ts';
import { bmp } from '../support/bitmaps.ts';
import { heic } from '../support/formats/heic.ts';
import { pdf } from '../support/pdf.ts';
import { corruptJpeg, photo } from '../support/images.ts';
import { needs } from '../support/needs.ts';
import { letterOf, opsOf, sendAll } from '../support/ops.ts';
import { read, readReport } from '../support/pipeline.ts';
import { recordOf, startBench, type Bench } from '../support/worker.ts';
import { arm64Node } from './arm64-node.ts';
import { binariesIn, bundleAssets, invokeAsset, type Assets } from './assets.ts';
import { takesLong } from '../support/takes-long.ts';
import { TIMING } from '../support/timing.ts';

takesLong();

let folder: string;
let assets: Assets;
let bench: Bench;
beforeAll(async () => {
  // Outside the checkout, where only the asset itself has a node_modules.
  folder = await mkdtemp(join(tmpdir(), 'millrace-assets-'));
  assets = bundleAssets(folder);
  bench = await startBench();
  // Bundling uses the registry, and QEMU is slow: on a busy machine, both take minutes.
});
afterAll(async () => {
  await bench?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The API function's variables in addition to the worker's. */
function apiEnvironment(): Record<string, string> {
  return { ...bench.env, [ENV.workerFunction]: 'worker', [ENV.redriveFunction]: 'redrive' };
}

/** A batch in which four uploads are converted, two are refused, and one cannot be settled. */
async function convertBatch(node: readonly [string, ...string[]], asset: string, prefix: string) {
  const put = (key: string, Body: Buffer) =>
    bench.s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: `${prefix}/${key}`, Body }));
  await put('good.jpg', await photo());
  // Their decoders are in files of their own.
  await put('photo.heic', await heic('chroma-420'));
  await put('page.pdf', pdf([{ width: 72, height: 72 }]));
  await put('drawing.bmp', bmp({ bits: 24 }));
  await put('bad.jpg', await corruptJpeg());
  const uploads = bench.conversion.receive(TIMING.batchSize);
  const malformed = recordOf('no notification', bench.resources.conversionQueue.arn);
  // Received before, and too large to be forwarded.
  const stuck = recordOf('x'.repeat(1_100_000), bench.resources.conversionQueue.arn, 2);
  const invoked = await invokeAsset(node, asset, bench.env, { Records: [...uploads, malformed, stuck] });
  bench.conversion.delete(uploads);
  expect(uploads).toHaveLength(5);
  expect(invoked.answer as SQSBatchResponse).toEqual({
    batchItemFailures: [{ itemIdentifier: stuck.messageId }],
  });
  expect(await read(bench.s3, 'results', `${prefix}/good.jpg`)).toMatchObject({
    contentType: 'image/webp',
    metadata: { width: '1024', rendition: 'web' },
  });
  for (const [key, width] of [
    ['drawing.bmp', '64'],
    ['photo.heic', '64'],
    ['page.pdf', '300'],
  ] as const)
    expect(await read(bench.s3, 'results', `${prefix}/${key}`)).toMatchObject({
      contentType: 'image/webp',
      metadata: { width },
    });
  expect(await readReport(bench.s3, `${prefix}/bad.jpg`)).toMatchObject({ code: 'image.corrupt' });
  return invoked;
}

/** Texts for the configuration file's conversion, one of which is refused. */
async function convertTexts(asset: string, prefix: string) {
  const { variables } = assets.configured;
  for (const [key, Body] of Object.entries({ 'a.txt': 'loud', 'b.txt': ' ' }))
    await bench.s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: `${prefix}/${key}`, Body }));
  const uploads = bench.conversion.receive(TIMING.batchSize);
  const told = { [ENV.recipe]: variables[ENV.recipe] ?? '', [ENV.config]: variables[ENV.config] ?? '' };
  const env = { ...bench.env, ...told };
  const { answer } = await invokeAsset([process.execPath], asset, env, { Records: uploads });
  bench.conversion.delete(uploads);
  expect(answer).toEqual({ batchItemFailures: [] });
  expect(await read(bench.s3, 'results', `${prefix}/a.txt`)).toMatchObject({
    contentType: 'text/plain',
    bytes: Buffer.from('LOUD'),
  });
  expect(await readReport(bench.s3, `${prefix}/b.txt`)).toMatchObject({ code: 'shout.silent' });
}

/** Returns API Gateway's event for a GET, with a decoded path. */
function getEvent(path: string) {
  return {
    version: '2.0',
    routeKey: 'ANY /{proxy+}',
    rawPath: path,
    rawQueryString: '',
    headers: { host: 'api.example' },
    isBase64Encoded: false,
    requestContext: { domainName: 'api.example', http: { method: 'GET', path } },
  };
}

describe('the deployed code', () => {
  it(
    'of the worker converts a batch on its own, and reports messages that it could not settle (x64)',
    needs('linux on x64'),
    async () => {
      const { architecture } = await convertBatch([process.execPath], assets.x64, 'x64');
      expect(architecture).toBe('x64');
    },
  );

  it("of the worker also does so on arm64 and Lambda's Node", async (context) => {
    const node = await arm64Node();
    if (typeof node === 'string') {
      context.task.meta.leftOut = { needs: 'arm64', get: node };
      return context.skip();
    }
    const { architecture } = await convertBatch(node, assets.arm64, 'arm64');
    expect(architecture).toBe('arm64');
  });

  it(
    "of the worker uses the configuration file's conversions, which are bundled beside it",
    needs('linux on x64'),
    async () => {
      const asset = assets.configured.folder;
      await convertTexts(asset, 'own');
      expect(await readFile(join(asset, 'configuration.js'), 'utf8')).not.toContain(process.cwd());
      expect(basename(asset)).not.toBe(basename(assets.x64));
    },
  );

  it(
    'of the worker is in the build context of its image, beside the Dockerfile and the files that it copies',
    needs('linux on x64'),
    async () => {
      const { folder: context, platform } = assets.image;
      expect(platform).toBe('linux/amd64');
      expect((await readdir(context)).toSorted()).toEqual(['Dockerfile', 'fonts', 'worker']);
      const copied = join(context, 'worker');
      await convertTexts(copied, 'in-image');
      await convertBatch([process.execPath], copied, 'photos-in-image');
      expect(await readdir(join(copied, 'node_modules/@img'))).toContain('sharp-linux-x64');
    },
  );

  it("of the API returns an upload's status", async () => {
    await bench.s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: 'waiting.jpg', Body: 'x' }));
    const { answer } = await invokeAsset(
      [process.execPath],
      assets.api,
      apiEnvironment(),
      getEvent('/objects/waiting.jpg'),
    );
    const { statusCode, body } = answer as { statusCode: number; body: string };
    expect([statusCode, JSON.parse(body)]).toEqual([
      200,
      { status: 'pending', basis: 'objects', key: 'waiting.jpg' },
    ]);
  });

  it('of the API finds an object by a key that URL parsing would change', async () => {
    const key = 'a b/100% #1?+é.jpg';
    await bench.s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: key, Body: 'x' }));
    const { answer } = await invokeAsset(
      [process.execPath],
      assets.api,
      apiEnvironment(),
      getEvent(`/objects/${key}`),
    );
    const { statusCode, body } = answer as { statusCode: number; body: string };
    expect([statusCode, JSON.parse(body)]).toEqual([200, { status: 'pending', basis: 'objects', key }]);
  });

  it('of the expiry guard moves nothing if nothing expires', async () => {
    const { answer } = await invokeAsset([process.execPath], assets.guard, bench.env, {});
    expect(answer).toMatchObject({ taken: 0 });
  });

  it('of the reconciler checks every upload, and queues no recent one', async () => {
    await bench.upload('young.jpg');
    const { answer } = await invokeAsset([process.execPath], assets.reconciler, bench.env, {});
    expect(answer).toMatchObject({ uploads: expect.any(Number), queued: 0 });
  });

  it('of the redrive runner moves the requested messages', async () => {
    const ops = opsOf(bench);
    await bench.upload('again.jpg');
    await sendAll(ops, ops.deployment.deadLetterQueueUrl, [letterOf('again.jpg', 'process.died')]);
    const request = { filter: { key: 'again.jpg' }, stopIfFailing: 1 };
    const about = { who: 'operator', why: 'mended', what: 'one' };
    const { id } = await startJob(ops, request, about, () => Promise.resolve());
    const { s3 } = bench;
    await s3.send(new DeleteObjectCommand({ Bucket: 'uploads', Key: 'again.jpg' }));
    await invokeAsset([process.execPath], assets.runner, bench.env, { id, run: 0 });
    expect(await findRecord(ops, id)).toMatchObject({ state: 'done', counts: { moved: 1, gone: 1 } });
  });

  it('of the API contains the pages', async () => {
    const { answer } = await invokeAsset([process.execPath], assets.api, apiEnvironment(), getEvent('/'));
    const { statusCode, body } = answer as { statusCode: number; body: string };
    expect(statusCode).toBe(200);
    expect(body).toContain('<!doctype html>');
  });

  it.each(['arm64', 'x64'] as const)(
    'for %s contains one sharp and one libvips, only for that architecture',
    async (name) => {
      const binaries = await binariesIn(assets[name]);
      expect(
        Object.keys(binaries)
          .map((path) => basename(path))
          .toSorted(),
      ).toEqual([expect.stringMatching(/^libvips-cpp\.so\./), expect.stringMatching(/^sharp-.*\.node$/)]);
      expect(new Set(Object.values(binaries))).toEqual(new Set([`linux-${name}`]));
      const packages = await readdir(join(assets[name], 'node_modules/@img'));
      expect(packages.filter((each) => /linux|darwin|win32|wasm/.test(each)).toSorted()).toEqual([
        `sharp-libvips-linux-${name}`,
        `sharp-linux-${name}`,
      ]);
    },
  );

  it('is the same bundle that the worker is tested with, and contains no paths of the checkout', async () => {
    const bundle = await readFile('dist/functions/worker/index.js', 'utf8');
    for (const asset of [assets.arm64, assets.x64]) {
      expect((await readFile(join(asset, 'index.js'), 'utf8')) === bundle).toBe(true);
      expect(await readdir(join(asset, 'node_modules'))).toEqual(['@hyzyla', '@img', 'libheif-js']);
      // Of four builds, 1.5 MB; 7 MB would be the others.
      expect(await readdir(join(asset, 'node_modules/libheif-js/libheif-wasm'))).toEqual([
        'LICENSE',
        'libheif.js',
        'libheif.wasm',
      ]);
      expect(await readdir(join(asset, 'node_modules/libheif-js'))).not.toContain('libheif');
      // 4.3 MB; 11 MB would be the builds for browsers.
      expect(await readdir(join(asset, 'node_modules/@hyzyla/pdfium/dist'))).toEqual([
        'index.cjs',
        'pdfium.wasm',
      ]);
      const licenses = await readFile(join(asset, 'third-party-licenses.txt'), 'utf8');
      for (const name of ['sharp', 'libheif-js', '@hyzyla/pdfium', 'PDFium'])
        expect(licenses).toMatch(new RegExp(`^${name}\\b`, 'm'));
      // It would change the asset with every update of any other package.
      expect(await readdir(asset)).not.toContain('package-lock.json');
    }
    expect(bundle).not.toContain(process.cwd());
    // Without the second minifier, it has 800 kB.
    expect(bundle.length).toBeLessThan(770_000);
    // A module that is loaded lazily has a file of its own, and must not contain sharp's code again.
    const files = (await readdir(assets.x64)).filter((name) => name.endsWith('.js'));
    const withSharp = files.filter((name) =>
      readFileSync(join(assets.x64, name), 'utf8').includes('limitInputPixels'),
    );
    expect(files.length).toBeGreaterThan(5);
    expect(withSharp).toEqual(['index.js']);
    // Text from credential providers that Lambda never uses.
    expect(bundle).not.toContain('AWS_CONTAINER_AUTHORIZATION_TOKEN');
    // In the bundle, `import.meta.url` is a path, which is right only for this use.
    const places = bundle.split('__filename').length - 1;
    expect([places, bundle.match(/createRequire\)\(__filename\)/g)?.length]).toEqual([places, places]);
  });
});
