import { truncate } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { S3Client, type PutObjectCommandInput, type UploadPartCommandInput } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PART_BYTES, uploadFile } from '../../../src/cli/upload/upload-file.ts';
import { answering } from '../../support/answering.ts';
import { createTestFolder, type TestFolder } from '../../support/command-folder.ts';

let folder: TestFolder;
let s3: S3Client;
/** What was stored: whole objects and parts, with their sizes. */
let stored: [string, number][];
beforeEach(async () => {
  folder = await createTestFolder();
  stored = [];
  s3 = new S3Client({ region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  const sizeOf = async (body: unknown) =>
    (body instanceof Uint8Array ? body : await buffer(body as NodeJS.ReadableStream)).byteLength;
  answering(s3, {
    PutObjectCommand: async ({ Bucket, Key, Body }: PutObjectCommandInput) =>
      void stored.push([`${Bucket}/${Key}`, await sizeOf(Body)]),
    CreateMultipartUploadCommand: () => ({ UploadId: 'id' }),
    async UploadPartCommand({ Bucket, Key, PartNumber, Body }: UploadPartCommandInput) {
      stored.push([`${Bucket}/${Key} part ${PartNumber}`, await sizeOf(Body)]);
      return { ETag: `"${PartNumber}"` };
    },
    CompleteMultipartUploadCommand: () => ({}),
  });
});
afterEach(() => folder.remove());

async function upload(bytes: number): Promise<number> {
  const path = await folder.file('file', '');
  await truncate(path, bytes);
  return uploadFile(s3, 'uploads', 'k', path);
}

it.each([0, 7, PART_BYTES])('a file of %i bytes is uploaded as a whole', async (bytes) => {
  expect(await upload(bytes)).toBe(bytes);
  expect(stored).toEqual([['uploads/k', bytes]]);
});

it('a larger file is uploaded in parts', async () => {
  expect(await upload(PART_BYTES + 5)).toBe(PART_BYTES + 5);
  expect(stored).toEqual([
    ['uploads/k part 1', PART_BYTES],
    ['uploads/k part 2', 5],
  ]);
});

it('a file that is gone is an error', async () => {
  await expect(uploadFile(s3, 'uploads', 'k', folder.at('gone'))).rejects.toThrow('ENOENT');
  expect(stored).toEqual([]);
});
