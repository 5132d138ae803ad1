import type { Pixels } from '../../../core/conversion.ts';

/** Types of values. https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, section 2 */
const SHORT = 3;
const LONG = 4;
const UNDEFINED = 7;
const HEADER_BYTES = 8;
const ENTRY_BYTES = 12;

/**
 * Returns pixels and their ICC profile as an uncompressed TIFF: sharp accepts no profile for raw pixels.
 * @param bits per channel; 16-bit values are little-endian
 */
export function withProfile(
  { data, width, height, channels }: Pixels,
  profile: Uint8Array,
  bits: 8 | 16 = 8,
): Buffer {
  const entries: [tag: number, type: number, count: number, value: number][] = [];
  const directoryBytes = 2 + ENTRY_BYTES * 12 + 4;
  const bitsAt = HEADER_BYTES + directoryBytes;
  const profileAt = bitsAt + 2 * 4;
  const pixelsAt = profileAt + profile.byteLength + (profile.byteLength % 2);
  entries.push(
    [256, LONG, 1, width],
    [257, LONG, 1, height],
    [258, SHORT, channels, bitsAt],
    [259, SHORT, 1, 1], // no compression
    [262, SHORT, 1, 2], // RGB
    [273, LONG, 1, pixelsAt],
    [277, SHORT, 1, channels],
    [278, LONG, 1, height],
    [279, LONG, 1, data.byteLength],
    [284, SHORT, 1, 1], // channels interleaved
    ...(channels === 4 ? [[338, SHORT, 1, 2] as [number, number, number, number]] : []), // alpha, not premultiplied
    [34_675, UNDEFINED, profile.byteLength, profileAt],
  );
  const head = Buffer.alloc(pixelsAt);
  head.write('II*\0', 'latin1');
  head.writeUInt32LE(HEADER_BYTES, 4);
  head.writeUInt16LE(entries.length, HEADER_BYTES);
  for (const [index, [tag, type, count, value]] of entries.entries()) {
    const at = HEADER_BYTES + 2 + index * ENTRY_BYTES;
    head.writeUInt16LE(tag, at);
    head.writeUInt16LE(type, at + 2);
    head.writeUInt32LE(count, at + 4);
    head.writeUInt32LE(value, at + 8);
  }
  for (let channel = 0; channel < channels; channel += 1) head.writeUInt16LE(bits, bitsAt + channel * 2);
  head.set(profile, profileAt);
  return Buffer.concat([head, data]);
}
