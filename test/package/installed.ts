import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { heic } from '../support/formats/heic.ts';
import { pdf } from '../support/pdf.ts';
import { photo } from '../support/images.ts';
import { env, npm, packedPackage, type Packed } from './packed.ts';

const run = promisify(execFile);

let project: string;
let packed: Packed;
async function file(name: string, contents: string | Buffer): Promise<void> {
  await mkdir(dirname(join(project, name)), { recursive: true });
  await writeFile(join(project, name), contents);
}

/** Returns a program's output, whatever its exit code. */
async function output(running: Promise<{ stdout: string }>): Promise<string> {
  const { stdout } = await running.catch((error: { stdout?: string; stderr?: string }) => ({
    stdout: `${error.stdout}${error.stderr}`,
  }));
  return stdout;
}

/** Runs a program in the project with the same Node. */
const node = (...args: string[]) => run(process.execPath, args, { cwd: project, env });

const STACK = `
import { App, Stack } from 'aws-cdk-lib';
import { ConversionPipeline, Monitoring, UploadApi } from 'millrace/cdk';

const stack = new Stack(new App(), 'Photos');
const pipeline = new ConversionPipeline(stack, 'Pipeline', { uploadBuckets: [{ create: 'photos' }] });
const api = new UploadApi(stack, 'Api', { pipeline });
new Monitoring(stack, 'Monitoring', { pipeline, api });
(stack.node.root as App).synth();
`;

/** The options of `cdk init`. */
const COMPILER = {
  target: 'ES2022',
  module: 'NodeNext',
  moduleResolution: 'NodeNext',
  strict: true,
  types: ['node'],
};

describe('the package, installed in an empty project,', () => {
  beforeAll(async () => {
    packed = await packedPackage();
    // Many people keep their projects in a folder called `src`, which is also the name of Millrace's source folder.
    project = join(packed.folder, 'src/project');
    await mkdir(project, { recursive: true });
    await file('package.json', JSON.stringify({ name: 'theirs', private: true, type: 'module' }));
    const others = [
      'aws-cdk-lib',
      'constructs',
      '@aws-sdk/client-s3',
      '@aws-sdk/client-sqs',
      'vitest',
      'typescript',
      '@types/node',
      'esbuild',
    ];
    await npm(
      project,
      'install',
      '--no-audit',
      '--no-fund',
      ...packed.pinned(['millrace', ...others]),
      'jest@30',
    );
  });

  it('contains exactly what is needed to run and import it', () => {
    const paths = packed.files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'bin/millrace.js',
        'dist/commonjs/cdk.cjs',
        'dist/library/cdk.js',
        'dist/functions/worker/index.js',
        'LICENSE',
      ]),
    );
    expect(
      paths.filter(
        (path) => /^(src|test|cdk|scripts|bench)\//.test(path) || /\.(jpe?g|png|webp)$/.test(path),
      ),
    ).toEqual([]);
    // Node does not strip types in node_modules: the examples are there to be copied.
    const sources = paths.filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'));
    expect(sources).not.toEqual([]);
    expect(sources.filter((path) => !path.startsWith('examples/'))).toEqual([]);
  });

  it('depends on nothing that compiles or bundles', async () => {
    const installed = await readdir(join(project, 'node_modules/millrace/node_modules')).catch(() => []);
    const { dependencies } = JSON.parse(
      await readFile(join(project, 'node_modules/millrace/package.json'), 'utf8'),
    ) as { dependencies: Record<string, string> };
    expect(Object.keys(dependencies).toSorted()).toEqual([
      '@types/aws-lambda',
      'classic-level',
      'sharp',
      'zod',
    ]);
    expect(installed).toEqual([]);
  });

  it('converts a folder', async () => {
    await file('photos/a/b.jpg', await photo());
    await file('photos/a/c.heic', await heic('chroma-420'));
    await file('photos/a/d.pdf', pdf([{ width: 72, height: 72 }]));
    await node('node_modules/millrace/bin/millrace.js', 'convert', 'photos', '--out', 'results');
    expect(await sharp(join(project, 'results/a/b.webp')).metadata()).toMatchObject({
      format: 'webp',
      width: 1024,
    });
    expect(await sharp(join(project, 'results/a/c.webp')).metadata()).toMatchObject({ width: 64 });
    expect(await sharp(join(project, 'results/a/d.webp')).metadata()).toMatchObject({ width: 300 });
  });

  it('says where a configuration fails', async () => {
    await file('throwing.mjs', "throw new Error('my own mistake');");
    const command = [
      'node_modules/millrace/bin/millrace.js',
      'convert',
      'photos',
      '--config',
      'throwing.mjs',
    ];
    const failing = node(...command, '--out', 'never');
    await expect(failing).rejects.toThrow(/could not be read: my own mistake \(.*\/throwing\.mjs:1:7\)$/m);
    await expect(readdir(join(project, 'never'))).rejects.toThrow('ENOENT');
  });

  it('type-checks in a strict project that also checks its libraries', async () => {
    await file(
      'tsconfig.json',
      JSON.stringify({
        compilerOptions: { ...COMPILER, noEmit: true },
        include: ['typed.ts'],
      }),
    );
    await file(
      'typed.ts',
      `
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { CODES, deploymentFromOutputs, fromQueue, listDeadLetters, objectStatus, readResultMetadata, runRedrive, type Code, type RedriveRequest } from 'millrace';
import { ConversionPipeline, type AlarmId, type ReconcileSchedule, type Timing, type UploadBucket } from 'millrace/cdk';
import { defineConversion, type ConversionJob } from 'millrace/config';
import { createClient, createUploader, type BatchCounts } from 'millrace/client';
import { startPipeline } from 'millrace/local';
import { testConversion, type ConversionTests } from 'millrace/testing';
import { createWorkerHandler, ENV } from 'millrace/worker';

const code: Code = 'image.corrupt';
const buckets: UploadBucket[] = [{ adopt: 'scans' }];
const deployment = deploymentFromOutputs(new Map());
const s3 = new S3Client();
export const width: number | undefined = readResultMetadata({})?.width;
export const status = objectStatus(s3, deployment, { bucket: 'uploads', key: 'a.jpg' });
export const counts: Promise<BatchCounts> = createClient({ url: 'https://api.example' }).getBatch({ batch: 'b' });
export const job = (options: ConversionJob<{ a: 1 }>): 1 => options.options.a;
const ops = { s3, sqs: new SQSClient(), deployment };
export const letters = listDeadLetters(ops);
const source = fromQueue(ops, { code: 'process.died' });
const request: RedriveRequest = { source, stopIfFailing: 0.2, wait: true, who: 'me', why: 'INC-42', what: 'all that died' };
export const redriven = runRedrive(ops, request, new AbortController().signal);
export const timingOf = (pipeline: ConversionPipeline): Timing => pipeline.timing;
export const nightly: [AlarmId, ReconcileSchedule] = ['dead-letters', 24];
export { buckets, CODES, code, createUploader, ConversionPipeline, createWorkerHandler, defineConversion, ENV, startPipeline, testConversion, type ConversionTests };
// @ts-expect-error: no version
export const conversion = defineConversion({ name: 'a', version: '1', convert: async () => [] });
// @ts-expect-error: no code of ours
export const wrong: Code = 'image.nonsense';
`,
    );
    expect(await output(node('node_modules/typescript/bin/tsc', '-p', '.'))).toBe('');
  });

  it.each([
    ['ES modules', 'esm', 'module'],
    ['CommonJS, as `cdk init` makes it', 'cjs', 'commonjs'],
  ])('is deployed by an app with %s', async (_name, app, type) => {
    await file(`${app}/package.json`, JSON.stringify({ type }));
    await file(`${app}/app.ts`, STACK);
    await file(`${app}/tsconfig.json`, JSON.stringify({ compilerOptions: { ...COMPILER, types: ['node'] } }));
    await node('node_modules/typescript/bin/tsc', '-p', app);
    await run(process.execPath, ['app.js'], {
      cwd: join(project, app),
      env: { ...env, CDK_OUTDIR: 'cdk.out' },
    });
    const out = join(project, app, 'cdk.out');
    const template = JSON.parse(await readFile(join(out, 'Photos.template.json'), 'utf8')) as {
      Resources: Record<string, { Type: string; Properties: { Code?: { S3Key?: string } } }>;
    };
    const [, worker] =
      Object.entries(template.Resources).find(
        ([id, { Type }]) => Type === 'AWS::Lambda::Function' && id.startsWith('PipelineWorker'),
      ) ?? [];
    const asset = join(out, `asset.${worker?.Properties.Code?.S3Key?.replace('.zip', '')}`);
    expect(await readdir(asset)).toEqual(expect.arrayContaining(['index.js', 'node_modules']));
    expect(await readdir(join(asset, 'node_modules/@img'))).toContain('sharp-linux-arm64');
  });

  it('is synthesized in a Jest test set up by `cdk init`', async () => {
    await file('jest/package.json', JSON.stringify({ type: 'commonjs' }));
    await file('jest/jest.config.js', "module.exports = { testEnvironment: 'node' };");
    await file(
      'jest/millrace.config.mjs',
      `
import { defineConfig, defineConversion } from 'millrace/config';

const count = defineConversion({ name: 'count', convert: async () => [] });
export default defineConfig({ conversions: [{ conversion: count, keys: ['*.csv'] }] });
`,
    );
    await file(
      'jest/stack.test.js',
      `
const { App, Stack } = require('aws-cdk-lib');
const { Template } = require('aws-cdk-lib/assertions');
const { ConversionPipeline } = require('millrace/cdk');

test('has a dead-letter queue', () => {
  // Without bundling, as in unit tests of other constructs.
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const stack = new Stack(app, 'Photos');
  new ConversionPipeline(stack, 'Pipeline', { uploadBuckets: [{ create: 'photos' }] });
  Template.fromStack(stack).hasResourceProperties('AWS::SQS::Queue', { RedrivePolicy: {} });
}, 60_000);

test('has the conversions of its configuration', () => {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const stack = new Stack(app, 'Reports');
  const config = './millrace.config.mjs';
  new ConversionPipeline(stack, 'Pipeline', { uploadBuckets: [{ create: 'reports' }], config });
  const [rules] = Object.values(Template.fromStack(stack).findOutputs('PipelineRules'));
  expect(rules.Value).toContain('*.csv');
}, 60_000);
`,
    );
    const jest = join(project, 'node_modules/jest/bin/jest.js');
    const { stderr } = await run(process.execPath, [jest], { cwd: join(project, 'jest'), env });
    expect(stderr).toMatch(/2 passed/);
  });

  it("starts a pipeline in somebody else's tests", async () => {
    await file(
      'photos.test.ts',
      `
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { readResultMetadata } from 'millrace';
import { startPipeline } from 'millrace/local';
import { expect, it } from 'vitest';

it('converts a photo', { timeout: 60_000 }, async () => {
  const pipeline = await startPipeline({ concurrency: 1 });
  const s3 = new S3Client({ endpoint: pipeline.awsUrl, region: 'us-east-1', forcePathStyle: true, credentials: { accessKeyId: 'any', secretAccessKey: 'thing' } });
  const { readFile } = await import('node:fs/promises');
  await s3.send(new PutObjectCommand({ Bucket: pipeline.buckets.uploads, Key: 'b.jpg', Body: await readFile('photos/a/b.jpg') }));
  await expect.poll(async () => {
    const found = await s3.send(new GetObjectCommand({ Bucket: pipeline.buckets.results, Key: 'b.jpg' })).catch(() => undefined);
    return readResultMetadata(found?.Metadata)?.width;
  }, { timeout: 50_000 }).toBe(1024);
  await pipeline.stop();
});
`,
    );
    const { stdout } = await node('node_modules/vitest/vitest.mjs', 'run', 'photos.test.ts');
    expect(stdout).toMatch(/1 passed/);
  });

  it('tests a custom conversion without loading sharp', async () => {
    await file('tables/a.csv', 'a,b\n1,2\n');
    await file(
      'count.test.ts',
      `
import { defineConversion } from 'millrace/config';
import { testConversion } from 'millrace/testing';
import { expect, it } from 'vitest';

const rows = defineConversion({
  name: 'rows',
  async convert({ source }) {
    const rows = Buffer.from(await source.content()).toString().split('\\n').length;
    return [{ rendition: 'rows', body: Buffer.from(String(rows)), contentType: 'text/plain' }];
  },
});
const random = defineConversion({
  name: 'random',
  convert: async () => [{ rendition: 'random', body: Buffer.from(String(Math.random())), contentType: 'text/plain' }],
});

testConversion(rows, { samples: './tables' });
testConversion(random, { samples: './tables' });
it('loads no sharp', () => {
  expect(JSON.stringify(process.report.getReport())).not.toContain('sharp');
});
`,
    );
    const stdout = await output(node('node_modules/vitest/vitest.mjs', 'run', 'count.test.ts'));
    expect(stdout).toMatch(/1 failed.*22 passed/);
    expect(stdout).toContain('the result random differs the second time');
  });

  it('uploads through the HTTP API with its client', async () => {
    await file(
      'client.mjs',
      `
import { createClient, createUploader, followBatch } from 'millrace/client';
import { startPipeline } from 'millrace/local';
import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';

const pipeline = await startPipeline({ concurrency: 1 });
const client = createClient({ url: pipeline.url });
const path = 'photos/a/b.jpg';
const { size } = await stat(path);
const uploader = createUploader({ client, atOnce: 2 });
const batch = await uploader.add([{ name: 'b.jpg', type: 'image/jpeg', size, open: () => openAsBlob(path) }]);
await uploader.idle();
console.log(JSON.stringify(await followBatch(client, batch, 1)));
const { key } = (await client.listBatch({ batch })).objects[0];
console.log((await client.getObject({ key })).status);
await pipeline.stop();
`,
    );
    const { stdout } = await node('client.mjs');
    const [counts = '', status] = stdout.trim().split('\n').slice(-2);
    expect(JSON.parse(counts)).toMatchObject({ uploaded: 1, converted: 1, failed: 0, pending: 0 });
    expect(status).toBe('converted');
  });

  it('allows no other imports', async () => {
    await expect(
      node('--input-type=module', '-e', "await import('millrace/dist/program/cli.js')"),
    ).rejects.toThrow('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });

  describe('without its optional packages', () => {
    let bare: string;
    beforeAll(async () => {
      bare = join(packed.folder, 'bare');
      const modules = join(project, 'node_modules');
      // A copy, because through a link, Node would find packages installed beside the original.
      await cp(join(modules, 'millrace'), join(bare, 'node_modules/millrace'), { recursive: true });
      for (const name of ['zod', 'sharp', 'classic-level'])
        await symlink(join(modules, name), join(bare, 'node_modules', name));
    });

    const evaluate = (code: string, type = 'module') =>
      run(process.execPath, [`--input-type=${type}`, '-e', code], { cwd: bare, env });

    it('runs the command, a local pipeline and the client', async () => {
      const command = ['node_modules/millrace/bin/millrace.js', '--version'];
      const { stdout } = await run(process.execPath, command, { cwd: bare, env });
      expect(stdout).toMatch(/^\d+\.\d+\.\d+/);
      await evaluate("await import('millrace/client')");
      await evaluate(
        "const { startPipeline } = await import('millrace/local'); await (await startPipeline({ concurrency: 1 })).stop()",
      );
    });

    it('refuses HEIC and PDF, and says which optional packages decode them', async () => {
      await mkdir(join(bare, 'photos'));
      await writeFile(join(bare, 'photos/a.heic'), await heic('chroma-420'));
      await writeFile(join(bare, 'photos/b.pdf'), pdf([{ width: 72, height: 72 }]));
      const command = ['node_modules/millrace/bin/millrace.js', 'convert', 'photos', '--out', 'results'];
      const { stdout } = await run(process.execPath, [...command, '--json'], { cwd: bare, env }).catch(
        (error: unknown) => error as { stdout: string },
      );
      expect(stdout).toContain('"image.unsupported_format"');
      expect(stdout).toContain('run `npm install libheif-js`');
      expect(stdout).toContain('run `npm install @hyzyla/pdfium`');
    });

    it.each([
      ['millrace', 'module', "Cannot find package '@aws-sdk/client-s3'"],
      ['millrace/worker', 'module', "Cannot find package '@aws-sdk/client-s3'"],
      ['millrace/testing', 'module', "Cannot find package 'vitest'"],
      ['millrace/cdk', 'module', "Cannot find package 'aws-cdk-lib'"],
      ['millrace/cdk', 'commonjs', "Cannot find module 'aws-cdk-lib'"],
    ])('%s as %s names the missing package, as the README does', async (name, type, message) => {
      const code = type === 'module' ? `await import('${name}')` : `require('${name}')`;
      await expect(evaluate(code, type)).rejects.toThrow(message);
      const [, missing = ''] = /'(.*)'/.exec(message) ?? [];
      const readme = await readFile(join(bare, 'node_modules/millrace/README.md'), 'utf8');
      expect(readme).toMatch(new RegExp(`^.*\`${name}\`.* needs? .*\`${missing}\``, 'm'));
    });
  });

  it('passes publint and attw as a package of ES modules', async () => {
    const here = (...args: string[]) => output(run(process.execPath, args, { env, cwd: process.cwd() }));
    expect(await here('node_modules/publint/src/cli.js', packed.tarball, '--strict')).toContain('All good!');
    // Its exit code is not 0 if there is a problem.
    await expect(
      run(
        process.execPath,
        ['node_modules/@arethetypeswrong/cli/dist/index.js', packed.tarball, '--profile', 'esm-only'],
        { env },
      ),
    ).resolves.toHaveProperty('stdout', expect.stringContaining('millrace/worker'));
  });
});
