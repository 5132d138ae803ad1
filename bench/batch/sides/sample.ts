import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { S3Event, SQSRecord } from 'aws-lambda';
import sharp from 'sharp';
import { nameOf, WIDTHS, type Format } from '../recipe.ts';

const s3 = new S3Client({});
const format = process.env['BENCH_FORMAT'] as Format;
const Bucket = process.env['BENCH_RESULTS'];

/** Converts the uploads of a message as sample patterns do: fetch, resize each rendition, store it. */
export async function convert({ body }: SQSRecord): Promise<void> {
  const { Records } = JSON.parse(body) as S3Event;
  for (const { s3: event } of Records) {
    const key = decodeURIComponent(event.object.key.replaceAll('+', ' '));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: event.bucket.name, Key: key }));
    const photo = await Body?.transformToByteArray();
    for (const width of WIDTHS) {
      const image = sharp(photo)
        .rotate()
        .resize({ width, height: width, fit: 'inside', withoutEnlargement: true });
      const result = await image[format]({ quality: 80 }).toBuffer();
      const Key = `${nameOf(width)}/${key}`;
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: result, ContentType: `image/${format}` }));
    }
  }
}
