import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { PutBucketNotificationConfigurationCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseRecipe } from '../../src/core/recipe.ts';
import { parseNotification } from '../../src/core/notification.ts';
import { failureReportSchema, type FailureReport } from '../../src/core/failure-report.ts';
import { codeBlocks } from '../support/code-blocks.ts';
import { eventually } from '../support/eventually.ts';
import { startTestServer } from '../support/http-server.ts';
import { photo } from '../support/images.ts';
import { startTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { takesLong } from '../support/takes-long.ts';
import { startBench } from '../support/worker.ts';

takesLong();

const DOCUMENT = 'docs/events.md';
const run = promisify(execFile);
const tool = (name: string) => resolve('node_modules/.bin', name);

/** A project with the document's files that imports this checkout as `millrace`. */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-docs-'));
  await symlink(resolve('node_modules'), join(folder, 'node_modules'));
  await write('package.json', JSON.stringify({ type: 'module' }));
  const compilerOptions = {
    incremental: false,
    exactOptionalPropertyTypes: false,
    paths: { millrace: [resolve('src/index.ts')], 'millrace/cdk': [resolve('cdk/index.ts')] },
  };
  await write(
    'tsconfig.json',
    JSON.stringify({ extends: resolve('tsconfig.json'), compilerOptions, include: ['*.ts'] }),
  );
  for (const code of await codeBlocks(DOCUMENT, 'ts')) {
    const [, name] = /^\/\/ (\S+\.ts)\n/.exec(code) ?? [];
    if (name === undefined) throw new Error(`a block without the name of its file: ${code}`);
    await write(name, code);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const write = (name: string, contents: string) => writeFile(join(folder, name), contents);
const inFolder = (env: Record<string, string>) => ({
  cwd: folder,
  env: { ...process.env, TSX_TSCONFIG_PATH: join(folder, 'tsconfig.json'), ...env },
});

it('the code compiles', async () => {
  const { stdout } = await run(tool('tsc'), ['-p', '.'], inFolder({})).catch(
    (error: unknown) => error as { stdout: string },
  );
  expect(stdout).toBe('');
});

it('the events are those that S3 sends, and name the same object', async () => {
  const blocks = (await codeBlocks(DOCUMENT, 'json')).map((code) => JSON.parse(code) as object);
  const eventBridge = blocks.find((block) => 'detail-type' in block) ?? {};
  const s3 = blocks.find((block) => 'Records' in block) ?? {};
  const named = parseNotification(JSON.stringify(s3));
  expect(named).toMatchObject({ kind: 'objects', objects: [{ key: '2026/my boat.jpg' }] });
  expect(parseNotification(JSON.stringify(eventBridge))).toEqual(named);

  const bench = await startBench();
  try {
    const QueueConfigurations = [
      { QueueArn: bench.resources.conversionQueue.arn, Events: ['s3:ObjectCreated:*' as const] },
    ];
    await bench.s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: 'results',
        NotificationConfiguration: { QueueConfigurations },
      }),
    );
    bench.conversion.delete(bench.conversion.receive(10));
    await bench.s3.send(new PutObjectCommand({ Bucket: 'results', Key: 'a', Body: 'a' }));
    const [record] = bench.conversion.receive(1);
    expect(namesIn(s3)).toEqual(namesIn(JSON.parse(record?.body ?? '')));
  } finally {
    await bench.stop();
  }
});

it('the stack calls the webhook with each result', async () => {
  const out = join(folder, 'cdk.out');
  const context = JSON.stringify({ 'aws:cdk:bundling-stacks': [] });
  await write('package-lock.json', '{}');
  await run(tool('tsx'), ['stack.ts'], inFolder({ CDK_OUTDIR: out, CDK_CONTEXT_JSON: context }));
  const { Resources } = JSON.parse(await readFile(join(out, 'Photos.template.json'), 'utf8')) as {
    Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
  };
  const ofType = (type: string) =>
    Object.values(Resources).flatMap(({ Type, Properties }) => (Type === type ? [Properties] : []));
  const results = Object.keys(Resources).find((id) => /^PipelineResults[0-9A-F]{8}$/.test(id));
  const rules = ofType('AWS::Events::Rule').filter(({ EventPattern }) => EventPattern !== undefined);
  expect(rules).toMatchObject([
    {
      EventPattern: { source: ['aws.s3'], detail: { bucket: { name: [{ Ref: results }] } } },
      Targets: [{ Arn: { 'Fn::GetAtt': [expect.stringMatching(/^Webhook/), 'Arn'] } }],
    },
  ]);
  expect(ofType('Custom::S3BucketNotifications')).toContainEqual(
    expect.objectContaining({
      BucketName: { Ref: results },
      NotificationConfiguration: { EventBridgeConfiguration: {} },
    }),
  );
});

it('the webhook receives each result of a local pipeline, and a failure can be read', async () => {
  const posted: string[] = [];
  const receiver = await startTestServer((request, response) => {
    void receive(request, response);
  });
  async function receive(request: IncomingMessage, response: ServerResponse) {
    posted.push(await text(request));
    response.end();
  }
  const renditions = [{ name: 'web', width: 1600, height: 1600, placeholder: 'thumbhash' }];
  const pipeline = await startTestPipeline({
    completions: true,
    recipe: parseRecipe(JSON.stringify({ renditions, resultName: '{key}.{extension}' })),
  });
  const consumer = spawn(
    tool('tsx'),
    ['consumer.ts'],
    inFolder({
      ...environment(pipeline),
      COMPLETIONS: pipeline.queues.completions ?? '',
      RESULT_NAMES: await (await fetch(`${pipeline.url}/deployment`)).text(),
      WEBHOOK_URL: receiver.url,
    }),
  );
  const ended = once(consumer, 'exit');
  try {
    await put(pipeline, 'my boat.jpg', await photo());
    await put(pipeline, 'text.jpg', 'I am no photo');
    const body = await eventually('the webhook is called', async () => posted[0]);
    expect(JSON.parse(body)).toMatchObject({
      upload: { bucket: 'uploads', key: 'my boat.jpg', rendition: 'web' },
      bucket: 'results',
      key: 'my boat.jpg.webp',
      sourceVersionId: expect.any(String),
      rendition: 'web',
      width: 1024,
    });
    await expectFields(body);
    await write(
      'read.ts',
      "import { readFailure } from './failures.ts';\n" +
        "console.log(JSON.stringify((await readFailure('failures', 'text.jpg').catch(() => undefined)) ?? null));\n",
    );
    const report = await eventually('the failure is final', async () => {
      const { stdout } = await run(tool('tsx'), ['read.ts'], inFolder(environment(pipeline)));
      return (JSON.parse(stdout) as FailureReport | null) ?? undefined;
    });
    expect(failureReportSchema.parse(report)).toMatchObject({
      key: 'text.jpg',
      code: 'image.unsupported_format',
    });
    expect(posted.every((each) => each.includes('my boat.jpg'))).toBe(true);
  } finally {
    consumer.kill('SIGKILL');
    await ended;
    await pipeline.stop();
    await receiver.stop();
  }
});

function environment({ awsUrl }: TestPipeline): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: awsUrl,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  };
}

function put({ s3 }: TestPipeline, Key: string, Body: string | Buffer) {
  return s3.send(new PutObjectCommand({ Bucket: 'uploads', Key, Body }));
}

/** Checks that the document's table has exactly the metadata fields that the webhook receives. */
async function expectFields(body: string): Promise<void> {
  const document = await readFile(DOCUMENT, 'utf8');
  const rows = [...document.matchAll(/^\| (`[^|]*`) +\|/gm)].flatMap(([, names = '']) =>
    [...names.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  expect(new Set(Object.keys(JSON.parse(body) as object))).toEqual(
    new Set([...rows, 'upload', 'bucket', 'key']),
  );
}

/** Returns the field paths in a value. */
function namesIn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(namesIn);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, namesIn(each)]));
}
