import { createHash } from 'node:crypto';
import { truncate } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { NotFound, S3Client, type HeadObjectCommandInput } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasContentOf } from '../../../src/cli/upload/same-content.ts';
import { PART_BYTES, partBytes } from '../../../src/cli/upload/upload-file.ts';
import { answering } from '../../support/answering.ts';
import { createTestFolder, type TestFolder } from '../../support/command-folder.ts';

const SMALL = Buffer.from('the content');
/** Two parts, of zeros. */
const LARGE_BYTES = PART_BYTES + 5;

let folder: TestFolder;
beforeAll(async () => {
  folder = await createTestFolder();
  await folder.file('small', SMALL);
  await folder.file('large', '');
  await truncate(folder.at('large'), LARGE_BYTES);
  await folder.file('whole-part', '');
  await truncate(folder.at('whole-part'), PART_BYTES);
});
afterAll(() => folder.remove());

const md5 = (content: Buffer) => createHash('md5').update(content);
const base64OfCrc = (content: Buffer) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(content));
  return bytes.toString('base64');
};
const partsEtag = (...parts: Buffer[]) =>
  `"${md5(Buffer.concat(parts.map((part) => md5(part).digest()))).digest('hex')}-${parts.length}"`;

/** Compares a file with an object that S3 describes like this. */
function isSame(
  file: string,
  object: { ETag?: string; ContentLength: number; ChecksumCRC32?: string } | undefined,
) {
  const s3 = new S3Client({ region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  answering(s3, {
    HeadObjectCommand({ Bucket, Key, ChecksumMode }: HeadObjectCommandInput) {
      expect({ Bucket, Key, ChecksumMode }).toEqual({ Bucket: 'uploads', Key: 'k', ChecksumMode: 'ENABLED' });
      if (object === undefined) throw new NotFound({ message: 'none', $metadata: {} });
      return object;
    },
  });
  return hasContentOf(s3, 'uploads', 'k', folder.at(file));
}

describe('an object', () => {
  const ContentLength = SMALL.length;
  const other = Buffer.from('the consent');

  it('has the content of a file with its CRC32', async () => {
    expect(await isSame('small', { ContentLength, ChecksumCRC32: base64OfCrc(SMALL) })).toBe(true);
    expect(await isSame('small', { ContentLength, ChecksumCRC32: base64OfCrc(other) })).toBe(false);
  });

  it('has the content of a file with its MD5, if S3 has no CRC32 of the whole object', async () => {
    const ETag = `"${md5(SMALL).digest('hex')}"`;
    expect(await isSame('small', { ContentLength, ETag })).toBe(true);
    expect(await isSame('small', { ContentLength, ETag: `"${md5(other).digest('hex')}"` })).toBe(false);
    // A checksum of the parts' checksums.
    expect(await isSame('small', { ContentLength, ETag, ChecksumCRC32: 'AAAAAA==-1' })).toBe(true);
    // The CRC32 decides if there are both.
    expect(await isSame('small', { ContentLength, ETag, ChecksumCRC32: base64OfCrc(other) })).toBe(false);
  });

  it('has the content of a file with the MD5 of the parts in which the command uploads it', async () => {
    const parts = [Buffer.alloc(PART_BYTES), Buffer.alloc(5)];
    expect(await isSame('large', { ContentLength: LARGE_BYTES, ETag: partsEtag(...parts) })).toBe(true);
    const differently = [Buffer.alloc(PART_BYTES - 1), Buffer.alloc(6)];
    expect(await isSame('large', { ContentLength: LARGE_BYTES, ETag: partsEtag(...differently) })).toBe(
      false,
    );
    const one = partsEtag(Buffer.alloc(PART_BYTES));
    expect(await isSame('whole-part', { ContentLength: PART_BYTES, ETag: one })).toBe(true);
  });

  it('differs from a file if it does not exist, has another size, or says nothing about its content', async () => {
    expect(await isSame('small', undefined)).toBe(false);
    const ChecksumCRC32 = base64OfCrc(SMALL);
    expect(await isSame('small', { ContentLength: ContentLength + 1, ChecksumCRC32 })).toBe(false);
    expect(await isSame('small', { ContentLength })).toBe(false);
  });
});

describe('a part', () => {
  it('is larger only if there would be more than 10,000', () => {
    expect(partBytes(1)).toBe(PART_BYTES);
    expect(partBytes(PART_BYTES * 10_000)).toBe(PART_BYTES);
    expect(partBytes(PART_BYTES * 10_000 + 1)).toBe(PART_BYTES + 1);
  });
});
