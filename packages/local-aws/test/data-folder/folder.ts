import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { localClientConfig } from '../../src/client-config.ts';
import { LOCAL_AWS_FOLDER } from '../../src/data-folder/kind.ts';
import { startLocalAws, type LocalAws } from '../../src/aws.ts';
import { clientsOf } from '../support/clients.ts';

export const KEYS = Array.from({ length: 12 }, (_, index) => `photos/${index}.png`);
const Bucket = 'uploads';
const textOf = (key: string) => `content of ${key} `.repeat(20);

export interface TestAws extends LocalAws {
  notices: string[];
}

export async function openFolder(
  folder: string,
  repair = false,
  verify = false,
  folderKind = LOCAL_AWS_FOLDER,
): Promise<TestAws> {
  const notices: string[] = [];
  const onError = (error: unknown) => void notices.push(String(error));
  const onNotice = (text: string) => void notices.push(text);
  return {
    ...(await startLocalAws({ folder, folderKind, repair, verify, onError, onNotice })),
    notices,
  };
}

/** Creates a data folder with objects, noncurrent versions, an upload's part and messages. Returns its contents. */
export async function fillFolder(folder: string, kind = LOCAL_AWS_FOLDER): Promise<string> {
  const aws = await openFolder(folder, false, false, kind);
  const { s3, sqs } = clientsOf(aws.url);
  await s3.send(new CreateBucketCommand({ Bucket }));
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  for (const Key of KEYS) await s3.send(new PutObjectCommand({ Bucket, Key, Body: textOf(Key) }));
  await s3.send(new PutObjectCommand({ Bucket, Key: 'gone', Body: 'gone' }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'gone' }));
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'parts' }));
  await s3.send(new UploadPartCommand({ Bucket, Key: 'parts', UploadId, PartNumber: 1, Body: 'part' }));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
  for (const MessageBody of ['a', 'b', 'c'])
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  s3.destroy();
  sqs.destroy();
  const held = await contentOf(aws);
  await aws.stop();
  return held;
}

/** Returns the name of the file with an object's contents. Other files have those of a part or an older version. */
export async function contentsOfAnObject(folder: string): Promise<string> {
  const [key = ''] = KEYS;
  for (const name of await readdir(join(folder, 'blobs')))
    if ((await readFile(join(folder, 'blobs', name), 'utf8')) === textOf(key)) return name;
  throw new Error(`no file has the contents of ${key}`);
}

/** Everything that was acknowledged to clients. */
export async function contentOf(aws: LocalAws): Promise<string> {
  // Truncated contents are not requested again.
  const s3 = new S3Client({ ...localClientConfig(aws.url), forcePathStyle: true, maxAttempts: 1 });
  try {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
    const objects = await Promise.all(
      Contents.map(async ({ Key, LastModified }) => {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
        return [Key, LastModified, await Body?.transformToString()];
      }),
    );
    const [upload] = aws.s3.uploads(aws.s3.bucket(Bucket));
    const parts = await s3.send(new ListPartsCommand({ Bucket, Key: 'parts', UploadId: upload?.id }));
    const messages = [...aws.sqs.queue('q').all()].map(({ id, body }) => [id, body]);
    const versions = [...aws.s3.bucket(Bucket).versions.values()].flat().map(({ versionId }) => versionId);
    return JSON.stringify([objects, versions, parts.Parts, messages]);
  } finally {
    s3.destroy();
  }
}

export async function filesIn(folder: string): Promise<{ name: string; bytes: number }[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  return await Promise.all(
    names.toSorted().map(async (name) => ({ name, bytes: (await stat(join(folder, name))).size })),
  );
}

/** Returns the offsets of records in a LevelDB file (a log or a manifest), and any file's start and end. */
export function edgesOf(name: string, bytes: Buffer): number[] {
  const edges = [0, bytes.length];
  if (!/\.log$|MANIFEST-/.test(name)) return edges;
  for (let at = 0; at + HEADER_BYTES <= bytes.length;) {
    edges.push(at, at + HEADER_BYTES);
    at += HEADER_BYTES + bytes.readUInt16LE(at + 4);
    const left = BLOCK_BYTES - (at % BLOCK_BYTES);
    if (left < HEADER_BYTES) at += left;
  }
  return edges;
}

/** https://github.com/google/leveldb/blob/main/doc/log_format.md: checksum, length, type. */
const HEADER_BYTES = 7;
const BLOCK_BYTES = 32_768;

/** Returns the bytes of every file except the lock, which every start opens. */
export async function bytesIn(folder: string): Promise<Map<string, string>> {
  const bytes = new Map<string, string>();
  for (const { name } of await filesIn(folder))
    if (!name.startsWith('lock/')) bytes.set(name, await readFile(join(folder, name), 'base64'));
  return bytes;
}

/** Returns a copy of a folder, to be damaged. */
export async function copyOf(folder: string): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  await cp(folder, copy, { recursive: true });
  return copy;
}

export async function change(file: string, to: (bytes: Buffer) => Buffer): Promise<void> {
  await writeFile(file, to(await readFile(file)));
}

export const remove = (folder: string) => rm(folder, { recursive: true, force: true });
