/** https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, section 2 */

const SHORT = 3;
const LONG = 4;
const UNDEFINED = 7;
const HEADER_BYTES = 8;
const ENTRY_BYTES = 12;
const RGB = 2;
const ALPHA_NOT_MULTIPLIED = 2;

/** Describes the interleaved samples of an image. */
export interface Samples {
  width: number;
  height: number;
  channels: number;
  /** Per sample. 16-bit values are little-endian. */
  bits: 8 | 16;
  /** ICC. */
  profile?: Uint8Array | undefined;
  /** Of `PhotometricInterpretation`. Default: RGB. */
  photometric?: number;
  /** Of `ExtraSamples`. Default: a fourth channel of RGB is alpha. */
  extraSamples?: readonly number[] | undefined;
  orientation?: number | undefined;
}

interface Field {
  tag: number;
  type: number;
  count: number;
  value: Buffer;
}

/**
 * Returns samples as an uncompressed TIFF, because sharp accepts neither a profile nor a color space for raw pixels.
 * @param write writes the samples, which can be hundreds of megabytes, directly into the TIFF, at an even offset
 */
export function uncompressedTiff(image: Samples, write: (samples: Buffer) => void): Buffer {
  const { width, height, channels, bits, profile, photometric = RGB, orientation } = image;
  const { extraSamples = photometric === RGB && channels === 4 ? [ALPHA_NOT_MULTIPLIED] : [] } = image;
  const samplesBytes = (width * height * channels * bits) / 8;
  const place = long(273, 0);
  const fields = [
    long(256, width),
    long(257, height),
    shorts(258, ...Array.from({ length: channels }, () => bits)),
    shorts(259, 1), // no compression
    shorts(262, photometric),
    place,
    ...(orientation === undefined ? [] : [shorts(274, orientation)]),
    shorts(277, channels),
    long(278, height),
    long(279, samplesBytes),
    shorts(284, 1), // channels interleaved
    ...(extraSamples.length === 0 ? [] : [shorts(338, ...extraSamples)]),
    ...(profile === undefined ? [] : [bytes(34_675, profile)]),
  ];
  const apart = fields.filter(({ value }) => value.byteLength > 4);
  const directoryBytes = 2 + ENTRY_BYTES * fields.length + 4;
  const length = apart.reduce(
    (sum, { value }) => sum + even(value.byteLength),
    HEADER_BYTES + directoryBytes,
  );
  place.value.writeUInt32LE(length);
  // Not pooled, so that it begins at an even address.
  const tiff = Buffer.alloc(length + samplesBytes);
  tiff.write('II*\0', 'latin1');
  tiff.writeUInt32LE(HEADER_BYTES, 4);
  tiff.writeUInt16LE(fields.length, HEADER_BYTES);
  let free = HEADER_BYTES + directoryBytes;
  for (const [index, { tag, type, count, value }] of fields.entries()) {
    const at = HEADER_BYTES + 2 + index * ENTRY_BYTES;
    tiff.writeUInt16LE(tag, at);
    tiff.writeUInt16LE(type, at + 2);
    tiff.writeUInt32LE(count, at + 4);
    if (value.byteLength <= 4) value.copy(tiff, at + 8);
    else {
      tiff.writeUInt32LE(free, at + 8);
      value.copy(tiff, free);
      free += even(value.byteLength);
    }
  }
  write(tiff.subarray(length));
  return tiff;
}

function long(tag: number, value: number): Field {
  const bytesOfValue = Buffer.alloc(4);
  bytesOfValue.writeUInt32LE(value);
  return { tag, type: LONG, count: 1, value: bytesOfValue };
}

function shorts(tag: number, ...values: number[]): Field {
  const value = Buffer.alloc(2 * values.length);
  for (const [index, each] of values.entries()) value.writeUInt16LE(each, 2 * index);
  return { tag, type: SHORT, count: values.length, value };
}

function bytes(tag: number, of: Uint8Array): Field {
  return { tag, type: UNDEFINED, count: of.byteLength, value: Buffer.from(of) };
}

function even(length: number): number {
  return length + (length % 2);
}
