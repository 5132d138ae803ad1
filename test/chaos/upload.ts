import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import sharp from 'sharp';
import type { Random } from '@millrace/local-aws/models';
import type { Content, Operation } from './history.ts';

const CLIENTS = 8;
/** Repeats few contents: X, Y, X exposes implementations that compare contents. */
const COLOURS = [0xff0000, 0x00ff00, 0x0000ff, 0xffff00];

/**
 * Uploads and deletes at random over few keys, with several concurrent clients, and calls a function for each request.
 */
export async function uploadAtRandom(
  s3: S3Client,
  uploads: number,
  random: Random,
  meanwhile: () => Promise<void>,
): Promise<Operation[]> {
  const history: Operation[] = [];
  const images = new Map<Content, Buffer>();
  for (const colour of COLOURS) images.set(colour, await plain(colour));
  images.set('corrupt', (await plain(0)).subarray(0, 60));
  const pick = <T>(choices: readonly T[]) => choices[Math.floor(random() * choices.length)] as T;
  const keys = Array.from(
    { length: Math.ceil(uploads / 5) },
    (_, index) => `folder ${index % 7}/${index}+é.png`,
  );

  async function one(): Promise<void> {
    const key = pick(keys);
    const isDelete = random() < 0.03;
    const content: Content = random() < 0.05 ? 'corrupt' : pick(COLOURS);
    const operation: Operation = {
      key,
      kind: isDelete ? 'delete' : 'put',
      ...(isDelete ? {} : { content }),
      begun: performance.now(),
      ended: Number.POSITIVE_INFINITY,
      outcome: 'unknown',
    };
    history.push(operation);
    const target = { Bucket: 'uploads', Key: key };
    try {
      const { VersionId = '' } = isDelete
        ? await s3.send(new DeleteObjectCommand(target))
        : await s3.send(new PutObjectCommand({ ...target, Body: images.get(content) ?? '' }));
      Object.assign(operation, { outcome: 'ok', versionId: VersionId, ended: performance.now() });
    } catch {
      await sleep(100);
    }
  }

  let begun = 0;
  const client = async () => {
    while (begun < uploads) {
      begun += 1;
      await Promise.all([one(), meanwhile()]);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return history;
}

function plain(colour: number): Promise<Buffer> {
  const background = { r: colour >> 16, g: (colour >> 8) & 0xff, b: colour & 0xff };
  return sharp({ create: { width: 48, height: 32, channels: 3, background } })
    .png()
    .toBuffer();
}

/** Returns the colour of an image's first pixel. */
export async function colourOf(bytes: Uint8Array): Promise<number> {
  const [r = 0, g = 0, b = 0] = await sharp(bytes).removeAlpha().raw().toBuffer();
  return (r << 16) | (g << 8) | b;
}
