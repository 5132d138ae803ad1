import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeadObjectCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseRecipe } from '../../src/core/recipe.ts';
import { finish, spawnCommand, type Finished } from '../support/command.ts';
import { photo } from '../support/images.ts';
import { listKeys, startTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { startTestServer } from '../support/http-server.ts';
import { jsonLines } from '../support/json-lines.ts';

const LARGE = 110_000_000;

let folder: string;
let pipeline: TestPipeline;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  await mkdir(join(folder, 'photos/summer'), { recursive: true });
  const image = await photo();
  for (let index = 0; index < 12; index += 1)
    await writeFile(join(folder, `photos/summer/${index} ä.png`), image);
  await writeFile(join(folder, 'photos/bad.jpg'), 'no image');
  await writeFile(join(folder, 'photos/empty.jpg'), '');
  const large = await open(join(folder, 'large.tif'), 'w');
  await large.truncate(LARGE);
  await large.close();
  pipeline = await startTestPipeline({
    recipe: parseRecipe(JSON.stringify({ limits: { bytes: 200_000_000 } })),
  });
});
afterAll(async () => {
  await pipeline.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Useless AWS credentials, and an S3 address where nothing is listening. */
const NO_S3 = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_ENDPOINT_URL: 'http://127.0.0.1:1' };
const upload = (...args: string[]) => finish(spawnCommand(['upload', ...args], NO_S3));

const linesOf = ({ stdout }: Finished) => jsonLines(stdout);

describe('millrace upload --api', () => {
  it("uploads a folder as one batch, follows it, and reports each file's outcome", async () => {
    const args = [join(folder, 'photos'), '--prefix', '2026/', '--wait', '--json'];
    const ended = await upload(...args, '--api', pipeline.url);
    expect(ended.code, ended.stderr).toBe(1);
    const lines = linesOf(ended);
    const batch = lines.find(({ type }) => type === 'batch')?.['batch'];
    expect(batch).toMatch(/^\d{8}-[0-9a-f]{32}$/);
    const prefix = `batches/${String(batch)}/2026/`;
    expect(lines.filter(({ type }) => type === 'failed')).toEqual([
      {
        type: 'failed',
        key: '2026/empty.jpg',
        code: 'file.unreadable',
        message: expect.stringContaining('empty'),
      },
      {
        type: 'failed',
        key: `${prefix}bad.jpg`,
        code: 'image.unsupported_format',
        message: expect.any(String),
      },
    ]);
    const converted = lines.filter(({ type }) => type === 'converted');
    expect(converted.map(({ key }) => String(key)).toSorted()).toEqual(
      Array.from({ length: 12 }, (_, index) => `${prefix}summer/${index} ä.png`).toSorted(),
    );
    expect(converted[0]?.['results']).toEqual([
      expect.objectContaining({ rendition: 'web', contentType: 'image/webp', width: expect.any(Number) }),
    ]);
    expect(lines.at(-1)).toMatchObject({ type: 'summary', converted: 12, failed: 2, pending: 0 });
  });

  it('finds the API of the pipeline in the options, and prints the batch', async () => {
    const ended = await upload(join(folder, 'photos/summer'), '--endpoint', pipeline.url, '--api');
    expect(ended.code, ended.stderr).toBe(0);
    const [, batch] = /batch (\S+)/.exec(ended.stderr) ?? [];
    const keys = await listKeys(pipeline.s3, 'uploads');
    expect(keys.filter((key) => key.startsWith(`batches/${batch}/`))).toHaveLength(12);
  });

  it('sends a large file in parts', async () => {
    const ended = await upload(join(folder, 'large.tif'), '--api', pipeline.url, '--json');
    expect(ended.code, ended.stderr).toBe(0);
    const key = linesOf(ended).find(({ type }) => type === 'uploaded')?.['key'];
    const { ContentLength, ETag } = await pipeline.s3.send(
      new HeadObjectCommand({ Bucket: 'uploads', Key: String(key) }),
    );
    expect(ContentLength).toBe(LARGE);
    expect(ETag).toMatch(/-7"$/);
    const { Uploads = [] } = await pipeline.s3.send(new ListMultipartUploadsCommand({ Bucket: 'uploads' }));
    expect(Uploads).toEqual([]);
  });

  it.each([
    [['--skip-existing'], /--skip-existing/],
    [['--bucket', 'uploads'], /--bucket/],
  ])('refuses %j', async (args, message) => {
    const ended = await upload(join(folder, 'photos'), '--api', pipeline.url, ...args);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(message);
  });

  it("sends its token, and reports the API's error without one", async () => {
    const asked: (string | undefined)[] = [];
    const { url, stop } = await startTestServer((req, res) => {
      asked.push(req.headers.authorization);
      req.resume();
      res.writeHead(401, { 'content-type': 'application/json' }).end('{"message":"Unauthorized"}');
    });
    const run = (env: Record<string, string>) =>
      finish(spawnCommand(['upload', join(folder, 'photos'), '--api', url], { ...NO_S3, ...env }));
    const ended = await run({ MILLRACE_TOKEN: 'a.b.c' });
    await run({ MILLRACE_TOKEN: '' });
    await stop();
    expect(ended.code).toBe(3);
    expect(ended.stderr).toMatch(/not allowed: .*401.*Unauthorized/);
    expect(asked).toEqual(['Bearer a.b.c', undefined]);
  });
});
