import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ListObjectVersionsCommand,
  paginateListObjectsV2,
  type ListObjectVersionsCommandInput,
  type ListObjectVersionsCommandOutput,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { handlerFile } from '../support/handler-file.ts';
import { finish, spawnCommand } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { listKeys, startTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { takesLong } from '../support/takes-long.ts';
import { jsonLines } from '../support/json-lines.ts';

takesLong();

const FILES = 2000;
const BYTES = 50_000;

let folder: string;
let pipeline: TestPipeline;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  await mkdir(join(folder, 'files'));
  for (let index = 0; index < FILES; index += 1)
    await writeFile(join(folder, 'files', `${index}.txt`), randomBytes(BYTES / 2).toString('hex'));
  // Its conversion is cheap, because this tests the command.
  const workerModule = handlerFile('poisonable-worker');
  pipeline = await startTestPipeline({ workerModule });
});
afterAll(async () => {
  await pipeline.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The command's maximum heap size. 100 MB of files do not fit. */
const BOUNDED = { NODE_OPTIONS: '--max-old-space-size=80' };

it('2,000 files are uploaded in bounded memory, each once despite Ctrl-C in between, and followed to the end', async () => {
  const args = ['upload', join(folder, 'files'), '--prefix', 'bulk/', '--endpoint', pipeline.url, '--json'];
  const first = spawnCommand(args, BOUNDED);
  const interrupted = finish(first);
  await eventually('some are uploaded', async () => (await listKeys(pipeline.s3, 'uploads')).length > 100);
  first.kill('SIGINT');
  expect((await interrupted).code).toBe(130);
  expect((await interrupted).stderr).toContain('to continue, run the same command with --skip-existing');
  const before = await count('uploads');
  expect(before).toBeLessThan(FILES);

  const second = await finish(spawnCommand([...args, '--skip-existing', '--wait'], BOUNDED));
  const lines = jsonLines(second.stdout);
  expect(second.code).toBe(0);
  expect(lines.at(-1)).toMatchObject({
    type: 'summary',
    uploaded: FILES,
    converted: FILES,
    failed: 0,
    pending: 0,
    skipped: before,
  });
  expect(lines.filter(({ type }) => type === 'converted')).toHaveLength(FILES);
  expect(await count('results')).toBe(FILES);

  expect(await countVersions('uploads')).toBe(FILES);
});

async function count(Bucket: string): Promise<number> {
  let keys = 0;
  for await (const { KeyCount = 0 } of paginateListObjectsV2({ client: pipeline.s3 }, { Bucket }))
    keys += KeyCount;
  return keys;
}

async function countVersions(Bucket: string): Promise<number> {
  let versions = 0;
  let next: ListObjectVersionsCommandInput | undefined = { Bucket };
  while (next !== undefined) {
    const page: ListObjectVersionsCommandOutput = await pipeline.s3.send(new ListObjectVersionsCommand(next));
    versions += page.Versions?.length ?? 0;
    const { IsTruncated, NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page;
    next = IsTruncated ? { Bucket, KeyMarker, VersionIdMarker } : undefined;
  }
  return versions;
}
