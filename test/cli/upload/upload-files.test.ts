import { S3Client, type PutObjectCommandInput } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  missingFiles,
  uploadFiles,
  type Uploaded,
  type UploadOptions,
} from '../../../src/cli/upload/upload-files.ts';
import { answering } from '../../support/answering.ts';
import { createTestFolder, type TestFolder } from '../../support/command-folder.ts';

let folder: TestFolder;
let s3: S3Client;
let stored: Map<string, string>;
let storing: number;
let mostStoring: number;
beforeEach(async () => {
  folder = await createTestFolder();
  stored = new Map();
  [storing, mostStoring] = [0, 0];
  s3 = new S3Client({ region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  answering(s3, {
    HeadObjectCommand: ({ Key }: { Key: string }) => ({
      ContentLength: stored.get(Key)?.length ?? -1,
      // Says nothing about an object whose name begins with x.
      ETag: Key.startsWith('x') ? '' : '"0cc175b9c0f1b6a831c399e269772661"',
    }),
    async PutObjectCommand({ Bucket, Key = '', Body }: PutObjectCommandInput) {
      expect(Bucket).toBe('uploads');
      mostStoring = Math.max(mostStoring, (storing += 1));
      await new Promise((resolve) => setTimeout(resolve, 1));
      storing -= 1;
      stored.set(Key, Buffer.from(Body as Uint8Array).toString());
    },
  });
});
afterEach(() => folder.remove());

async function filesOf(names: readonly string[]) {
  for (const name of names) await folder.file(name, 'a');
  return names.map((name) => ({ path: folder.at(name), key: name, isNamed: true }));
}

async function upload(
  names: readonly string[],
  { missing = false, ...options }: Partial<UploadOptions> & { missing?: boolean } = {},
): Promise<Uploaded[]> {
  const ends: Uploaded[] = [];
  const files = await filesOf(names);
  await uploadFiles(missing ? [...files, { path: folder.at('gone'), key: 'gone', isNamed: true }] : files, {
    s3,
    bucket: 'uploads',
    concurrency: 3,
    skipExisting: false,
    stop: new AbortController().signal,
    onUploaded: (each) => void ends.push(each),
    ...options,
  });
  return ends;
}

const MANY = Array.from({ length: 20 }, (_, index) => `f${index}`);

describe('files', () => {
  it('are uploaded, some at the same time', async () => {
    const ends = await upload(MANY);
    expect(ends).toHaveLength(20);
    for (const name of MANY) expect(ends).toContainEqual({ kind: 'uploaded', key: name, bytes: 1 });
    expect([...stored.values()]).toEqual(MANY.map(() => 'a'));
    expect(mostStoring).toBe(3);
  });

  it('that fail do not stop the others', async () => {
    const ends = await upload(['f1', 'f2'], { missing: true });
    expect(ends.filter(({ kind }) => kind === 'uploaded')).toHaveLength(2);
    expect(ends).toContainEqual({
      kind: 'failed',
      key: 'gone',
      error: expect.objectContaining({ code: 'ENOENT' }),
    });
  });

  it('are skipped on request if they are already stored', async () => {
    await upload(['f1', 'x1']);
    expect(await upload(['f1', 'x1', 'f2'], { skipExisting: true })).toEqual(
      expect.arrayContaining([
        { kind: 'skipped', key: 'f1', bytes: 1 },
        { kind: 'uploaded', key: 'x1', bytes: 1 },
        { kind: 'uploaded', key: 'f2', bytes: 1 },
      ]),
    );
    expect(await upload(['f1'])).toEqual([{ kind: 'uploaded', key: 'f1', bytes: 1 }]);
  });

  it('are not begun once the upload is stopped', async () => {
    const stop = new AbortController();
    const ends = await upload(MANY, {
      stop: stop.signal,
      onUploaded: () => stop.abort(),
    });
    expect(ends).toEqual([]);
    expect(stored.size).toBe(3);
  });

  it('that are not stored yet are found, in order', async () => {
    await upload(['f1']);
    const files = await filesOf(['f3', 'f1', 'f2']);
    const missing = await missingFiles(files, { s3, bucket: 'uploads', concurrency: 2 });
    expect(missing.map(({ key }) => key)).toEqual(['f3', 'f2']);
  });
});
