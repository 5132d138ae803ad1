import { mkdir, readdir, readFile, readlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { startLocalAws, type LocalAws } from '@millrace/local-aws';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Retryable } from '../../../src/core/errors.ts';
import type { FileEvent } from '../../../src/local/files/events.ts';
import { createFileStorage } from '../../../src/local/files/file-storage.ts';
import { createStorage, type Opened, type Storage } from '../../../src/worker/storage.ts';
import { createTestFolder, type TestFolder } from '../../support/command-folder.ts';
import { eventually } from '../../support/eventually.ts';
import { needs } from '../../support/needs.ts';

let aws: LocalAws;
let s3: S3Client;
beforeAll(async () => {
  aws = await startLocalAws();
  s3 = new S3Client({ ...aws.clientConfig, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'failures' }));
});
afterAll(async () => {
  s3.destroy();
  await aws.stop();
});

let folder: TestFolder;
let told: FileEvent[];
let storage: Storage;
beforeEach(async () => {
  folder = await createTestFolder();
  told = [];
  storage = storageWith(folder.at('draft-'));
  await mkdir(folder.at('in/sub'), { recursive: true });
});
afterEach(() => folder.remove());

const storageWith = (drafts: string) =>
  createFileStorage({
    files: { from: folder.at('in'), drafts },
    buckets: { uploadBuckets: ['uploads'], resultBucket: 'results' },
    others: createStorage(s3),
    tell: (event) => void told.push(event),
  });

async function opened(key: string): Promise<Opened> {
  const found = await storage.open('uploads', key);
  if (found === undefined) throw new Error(`${key} was not found`);
  return found;
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all).toString();
}

async function isOpen(path: string): Promise<boolean> {
  const links = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  );
  return links.some((link) => link.startsWith(path));
}

describe('a source in a folder', () => {
  it('is read whole or in chunks', async () => {
    await writeFile(folder.at('in/sub/a'), 'source');
    expect((await opened('sub/a')).bytes).toBe(6);
    expect(Buffer.from(await (await opened('sub/a')).read()).toString()).toBe('source');
    expect(await textOf((await opened('sub/a')).stream())).toBe('source');
    expect(await storage.head('uploads', 'sub/a')).toMatchObject({ bytes: 6, metadata: {} });
    expect(told).toEqual([]);
  });

  it('is not left open', needs('linux on x64'), async () => {
    const path = folder.at('in/a');
    await writeFile(path, 'source');
    await (await opened('a')).read();
    await textOf((await opened('a')).stream());
    (await opened('a')).discard();
    const begun = await opened('a');
    await begun.stream()[Symbol.asyncIterator]().next();
    begun.discard();
    begun.discard();
    const ended = await opened('a');
    await truncate(path, 3);
    await expect(ended.read()).rejects.toThrow('ended after 3');
    await eventually('the file is closed', async () => !(await isOpen(path)));
  });

  it('has the bytes that it had when it was opened, and remains the same upload', async () => {
    await writeFile(folder.at('in/a'), 'source');
    const [whole, streamed] = [await opened('a'), await opened('a')];
    await writeFile(folder.at('in/a'), 'source with more');
    expect(Buffer.from(await whole.read()).toString()).toBe('source');
    expect(await textOf(streamed.stream())).toBe('source');
    expect((await storage.head('uploads', 'a'))?.identity).toEqual(streamed.identity);
    expect((await opened('a')).identity).toEqual(streamed.identity);
    expect(told).toEqual([]);
  });

  it('can be empty', async () => {
    await writeFile(folder.at('in/a'), '');
    expect((await (await opened('a')).read()).byteLength).toBe(0);
    expect(await textOf((await opened('a')).stream())).toBe('');
    expect(told).toEqual([]);
  });

  it('counts as deleted if it cannot be opened, and the reason is told', async () => {
    expect(await storage.open('uploads', 'missing')).toBeUndefined();
    expect(await storage.head('uploads', 'missing')).toBeUndefined();
    const message = 'the file was deleted or moved while the command ran';
    expect(told).toEqual([
      { kind: 'unreadable', key: 'missing', message },
      { kind: 'unreadable', key: 'missing', message },
    ]);
  });

  it('is tried again if reading fails, and the reason is told', async () => {
    await writeFile(folder.at('in/a'), 'source');
    const source = await opened('a');
    await truncate(folder.at('in/a'), 3);
    await expect(source.read()).rejects.toThrow(Retryable);
    await writeFile(folder.at('in/b'), 'source');
    const streamed = await opened('b');
    await truncate(folder.at('in/b'), 3);
    await expect(textOf(streamed.stream())).rejects.toThrow(Retryable);
    await expect(textOf((await opened('sub')).stream())).rejects.toThrow(Retryable);
    expect(told).toEqual([
      { kind: 'unreadable', key: 'a', message: 'the file ended after 3 of 6 bytes' },
      { kind: 'unreadable', key: 'b', message: 'the file ended after 3 of 6 bytes' },
      { kind: 'unreadable', key: 'sub', message: expect.stringContaining('EISDIR') },
    ]);
  });
});

describe('a result', () => {
  const of = (body: Uint8Array | string | { file: string }) => ({
    body,
    contentType: 'text/plain',
    metadata: { a: 'b' },
  });

  it('is told when its draft is complete, from memory or from a file', async () => {
    await writeFile(folder.at('made'), 'from a file');
    await storage.putIf('absent', 'results', 'a', of(Buffer.from('from memory')));
    await storage.putIf('absent', 'results', 'b', of({ file: folder.at('made') }));
    expect(told).toMatchObject([
      { kind: 'stored', key: 'a', bytes: 11, contentType: 'text/plain', metadata: { a: 'b' } },
      { kind: 'stored', key: 'b', bytes: 11 },
    ]);
    const drafts = told.map((event) => (event.kind === 'stored' ? event.draft : ''));
    expect(drafts.every((draft) => draft.startsWith(folder.at('draft-')))).toBe(true);
    const texts = await Promise.all(drafts.map((draft) => readFile(draft, 'utf8')));
    expect(texts).toEqual(['from memory', 'from a file']);
  });

  it('is made again by an attempt after a crash', async () => {
    await storage.putIf('absent', 'results', 'a', of('first'));
    expect(await storage.head('results', 'a')).toBeUndefined();
    expect(await storage.putIf('absent', 'results', 'a', of('second'))).not.toBe('lost');
    expect(told).toHaveLength(2);
  });

  it('that cannot be written is told, not tried again, and leaves no draft', async () => {
    const elsewhere = storageWith(folder.at('missing/draft-'));
    expect(await elsewhere.putIf('absent', 'results', 'a', of('x'))).not.toBe('lost');
    for (const into of [storage, elsewhere])
      expect(await into.putIf('absent', 'results', 'a', of({ file: folder.at('gone') }))).not.toBe('lost');
    const message = expect.stringContaining('ENOENT') as string;
    expect(told).toEqual([
      { kind: 'unwritable', key: 'a', message },
      { kind: 'unwritable', key: 'a', message },
      { kind: 'unwritable', key: 'a', message },
    ]);
    expect(await readdir(join(folder.at('in'), '..'))).toEqual(['in']);
  });
});

it('failure reports are in S3', async () => {
  const report = { body: '{}', contentType: 'application/json', metadata: {} };
  const put = await storage.putIf('absent', 'failures', 'a', report);
  expect((await storage.head('failures', 'a'))?.identity.etag).toBe(put === 'lost' ? '' : put.etag);
  expect(Buffer.from((await (await storage.open('failures', 'a'))?.read()) ?? []).toString()).toBe('{}');
  expect(await storage.deleteIf(put === 'lost' ? '' : put.etag, 'failures', 'a')).toBe(true);
  expect(await storage.head('failures', 'a')).toBeUndefined();
  expect(told).toEqual([]);
});
