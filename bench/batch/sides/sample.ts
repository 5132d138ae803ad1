import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { SQSRecord } from 'aws-lambda';
import sharp from 'sharp';
import { nameOf, WIDTHS, type Format } from '../recipe.ts';
import { uploadsIn } from './uploads-in.ts';

const s3 = new S3Client({});
const format = process.env['BENCH_FORMAT'] as Format;
const Bucket = process.env['BENCH_RESULTS'];

/** Makes a rendition of an opened photo. */
type Make = (width: number) => Promise<Uint8Array>;

/** Converts a message's uploads as sample patterns do: fetch, resize each rendition, store it. */
export function convert(record: SQSRecord): Promise<void> {
  return convertWith(record, (photo) => Promise.resolve((width) => resize(photo, width)));
}

/** Converts a message's uploads with a program other than sharp. */
export async function convertWith(
  record: SQSRecord,
  open: (photo: Uint8Array) => Promise<Make>,
): Promise<void> {
  for (const { bucket, key } of uploadsIn(record)) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const make = await open((await Body?.transformToByteArray()) ?? Buffer.of());
    for (const width of WIDTHS) {
      const Key = `${nameOf(width)}/${key}`;
      const put = { Bucket, Key, Body: await make(width), ContentType: `image/${format}` };
      await s3.send(new PutObjectCommand(put));
    }
  }
}

function resize(photo: Uint8Array, width: number): Promise<Buffer> {
  const image = sharp(photo)
    .rotate()
    .resize({ width, height: width, fit: 'inside', withoutEnlargement: true });
  return image[format]({ quality: 80 }).toBuffer();
}
