import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import sharp from 'sharp';
import { localClientConfig } from '@millrace/local-aws/client-config';
import { BUCKETS } from '../../src/local/resources.ts';
import { nameOf, WIDTHS, type Format } from './recipe.ts';

interface Image {
  format?: string | undefined;
  width?: number | undefined;
  height?: number | undefined;
}

/** @throws Error unless a side made every rendition of every photo, in the right format and size */
export async function checkMade(photos: readonly Buffer[], format: Format, made: unknown): Promise<void> {
  for (const [index, photo] of photos.entries())
    for (const [rendition, width] of WIDTHS.entries()) {
      const image = (made as Image[][])[index]?.[rendition];
      await checkImage(photo, format, width, image);
    }
}

interface Stored {
  photos: readonly Buffer[];
  format: Format;
  awsUrl: string;
  prefix: string;
  answer: unknown;
}

/** @throws Error unless a side settled every message, and stored every rendition of every photo */
export async function checkStored({ photos, format, awsUrl, prefix, answer }: Stored): Promise<void> {
  const { batchItemFailures = [] } = (answer ?? {}) as { batchItemFailures?: unknown[] };
  if (batchItemFailures.length > 0) throw new Error(`${batchItemFailures.length} messages failed`);
  const s3 = new S3Client({ ...localClientConfig(awsUrl), forcePathStyle: true });
  try {
    await Promise.all(
      WIDTHS.map(async (width) => {
        const Prefix = `${nameOf(width)}/${prefix}`;
        const { Contents = [] } = await s3.send(
          new ListObjectsV2Command({ Bucket: BUCKETS.results, Prefix }),
        );
        if (Contents.length !== photos.length)
          throw new Error(`${Contents.length} of ${photos.length} results in ${Prefix}`);
        for (const [index, photo] of photos.entries()) {
          const Key = `${Prefix}${index}.jpg`;
          const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKETS.results, Key }));
          await checkImage(photo, format, width, await sharp(await Body?.transformToByteArray()).metadata());
        }
      }),
    );
  } finally {
    s3.destroy();
  }
}

async function checkImage(
  photo: Buffer,
  format: Format,
  longest: number,
  image: Image | undefined,
): Promise<void> {
  const { autoOrient } = await sharp(photo).metadata();
  const scale = Math.min(1, longest / Math.max(autoOrient.width, autoOrient.height));
  const near = (side = 0, original = 0) => Math.abs(side - original * scale) <= 1;
  if (
    image?.format === format &&
    near(image.width, autoOrient.width) &&
    near(image.height, autoOrient.height)
  )
    return;
  throw new Error(
    `expected ${format}, ${longest} pixels; got ${image?.format}, ${image?.width} × ${image?.height}`,
  );
}
