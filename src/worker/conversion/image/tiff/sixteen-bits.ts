import { checkPixels } from '../check-pixels.ts';
import type { ImageLimits } from '../limits.ts';
import { uncompressedTiff } from '../uncompressed-tiff.ts';
import { bytesOf, one, TAG, type Directory } from './directory.ts';
import { withDirectory } from './first-directory.ts';
import { MOST_SAMPLES, ONE_SAMPLE, SEVERAL_SAMPLES } from './support.ts';

/**
 * Samples of a number of bits that libvips does not read, such as 12, or L*a*b* in 8 bits. libtiff undoes their
 * compression under another name, as bytes that mean nothing. Then they become 16 bits each, which libvips reads.
 */

/** Decompresses a TIFF. Returns its samples as they are, of one channel, or of three in RGB. */
export type Decompress = (tiff: Uint8Array, space: 'b-w' | 'srgb') => Promise<Uint8Array>;

/** Compressions of bytes, whatever they mean. */
const OF_BYTES: ReadonlySet<number> = new Set([1, 5, 8, 32_773, 32_946]);
const GREY: ReadonlySet<number> = new Set([0, 1]);
const [RGB, SEPARATED, LAB] = [2, 5, 8];

const CHUNKY = 1;
/** Of `Predictor`. */
const NONE = 1;
/** The width of a tile must be a multiple of this. For tiles of 128 pixels, it is one for any number of bits. */
const TILE_BYTES = 16;
/** Of `SampleFormat`. */
const UNSIGNED = 1;

/** Tags of where the samples are, and how they are compressed. */
const WHERE: ReadonlySet<number> = new Set([
  257, // ImageLength
  259, // Compression
  266, // FillOrder
  273, // StripOffsets
  278, // RowsPerStrip
  279, // StripByteCounts
  317, // Predictor
  323, // TileLength
  324, // TileOffsets
  325, // TileByteCounts
]);
/** Tags of what the samples are. */
const WHAT: ReadonlySet<number> = new Set([256, 258, 277, 284, 322]);
const ICC_PROFILE = 34_675;

/** Returns whether libvips does not read a TIFF's samples, and they can become 16 bits each. */
export function canBecome16Bits(directory: Directory): boolean {
  const colors = one(directory, TAG.photometric, RGB);
  const samples = one(directory, TAG.samples, 1);
  // Memory is proportional to them, and the limit of pixels does not count them.
  if (samples > MOST_SAMPLES) return false;
  const all = directory.get(TAG.bits) ?? [];
  const [each = 1] = all;
  const areAlike = all.slice(0, samples).every((bits) => bits === each);
  const isUnsigned = one(directory, TAG.sampleFormat, UNSIGNED) === UNSIGNED;
  if (!OF_BYTES.has(one(directory, TAG.compression, 1)) || !areAlike || !isUnsigned) return false;
  if (colors === LAB) return each === 8 && samples === 3;
  if (!GREY.has(colors) && colors !== RGB && colors !== SEPARATED) return false;
  const isPlain =
    one(directory, TAG.planar, CHUNKY) === CHUNKY && one(directory, TAG.predictor, NONE) === NONE;
  const tileWidth = one(directory, TAG.tileWidth, 0);
  const longest = Math.max(tileWidth, one(directory, TAG.width, 0));
  // A field has 32 bits.
  if (bytesIn(longest, directory) > 0xff_ff_ff_ff) return false;
  return (
    isPlain &&
    bytesIn(tileWidth, directory) % TILE_BYTES === 0 &&
    each < 16 &&
    !(samples === 1 ? ONE_SAMPLE : SEVERAL_SAMPLES).has(each)
  );
}

/**
 * Returns the TIFF with 16 bits per sample.
 * @throws Rejected
 */
export async function with16Bits(
  bytes: Uint8Array,
  directory: Directory,
  limits: Pick<ImageLimits, 'pixels'>,
  decompress: Decompress,
): Promise<Uint8Array> {
  const size = { width: one(directory, TAG.width, 0), height: one(directory, TAG.height, 0) };
  checkPixels(size, 1, limits);
  const channels = one(directory, TAG.samples, 1);
  const [bits = 1] = directory.get(TAG.bits) ?? [];
  const photometric = one(directory, TAG.photometric, RGB);
  const packed =
    photometric === LAB
      ? await decompress(asRgb(bytes), 'srgb')
      : await decompress(asBytes(bytes, directory), 'b-w');
  const image = {
    ...size,
    channels,
    bits: 16,
    photometric,
    orientation: directory.get(TAG.orientation)?.[0],
    extraSamples: directory.get(TAG.extraSamples) ?? [],
    profile: bytesOf(bytes, ICC_PROFILE),
  } as const;
  return uncompressedTiff(image, ({ buffer, byteOffset, byteLength }) => {
    const samples = new Uint16Array(buffer, byteOffset, byteLength / 2);
    if (photometric === LAB) lab16(packed, samples);
    else unpack(packed, bits, samples, size.width * channels);
  });
}

function asRgb(bytes: Uint8Array): Uint8Array {
  return withDirectory(bytes, new Set([...WHERE, ...WHAT]), new Map([[TAG.photometric, RGB]]));
}

/** Returns the TIFF as grey of 8 bits whose rows have the same bytes. */
function asBytes(bytes: Uint8Array, directory: Directory): Uint8Array {
  const numbers = new Map<number, number>([
    [TAG.width, bytesIn(one(directory, TAG.width, 0), directory)],
    [TAG.bits, 8],
    [TAG.photometric, 1],
    [TAG.samples, 1],
    [TAG.planar, CHUNKY],
  ]);
  const tileWidth = directory.get(TAG.tileWidth)?.[0];
  if (tileWidth !== undefined) numbers.set(TAG.tileWidth, bytesIn(tileWidth, directory));
  return withDirectory(bytes, WHERE, numbers);
}

/** Returns the bytes in a row of packed samples. */
function bytesIn(width: number, directory: Directory): number {
  const [bits = 1] = directory.get(TAG.bits) ?? [];
  return Math.ceil((width * one(directory, TAG.samples, 1) * bits) / 8);
}

/**
 * Unpacks rows of samples.
 * @param packed rows that begin at a byte, each with the highest bit first
 */
function unpack(packed: Uint8Array, bits: number, samples: Uint16Array, perRow: number): void {
  const rowBytes = Math.ceil((perRow * bits) / 8);
  const rows = samples.length / perRow;
  const most = 2 ** bits - 1;
  for (let row = 0; row < rows; row += 1) {
    let from = row * rowBytes;
    let [read, held] = [0, 0];
    for (let index = 0; index < perRow; index += 1) {
      for (; held < bits; held += 8) {
        read = ((read << 8) | (packed[from] ?? 0)) & 0xff_ff_ff;
        from += 1;
      }
      held -= bits;
      samples[row * perRow + index] = Math.round((((read >> held) & most) * 65_535) / most);
    }
  }
}

/** Writes L*, a* and b* with 16 bits each. The last two are signed. TIFF 6.0, section 23. */
function lab16(lab: Uint8Array, samples: Uint16Array): void {
  for (let at = 0; at < samples.length; at += 1) {
    const value = lab[at] ?? 0;
    samples[at] = at % 3 === 0 ? value * 257 : value * 256;
  }
}
