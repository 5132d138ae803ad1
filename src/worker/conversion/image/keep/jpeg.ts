import { JPEG_MARKER, jpegSegments } from '../jpeg/segments.ts';
import { endsWithLastBlock, type JpegComponent, type JpegFrame } from './jpeg-scan.ts';
import { AC, jpegSegment, jpegTables } from './jpeg-tables.ts';

const XMP = Buffer.from('http://ns.adobe.com/xap/1.0/\0', 'latin1');
const PROFILE = Buffer.from('ICC_PROFILE\0', 'latin1');
const JFIF = Buffer.from('JFIF\0', 'latin1');
/** Version 1.01, square pixels, no thumbnail. */
const PLAIN_JFIF = Buffer.concat([JFIF, Buffer.of(1, 1, 0, 0, 1, 0, 1, 0, 0)]);
const ADOBE = Buffer.from('Adobe', 'latin1');
const ADOBE_BYTES = 12;

/** Frames with Huffman codes: baseline, extended and progressive. Browsers decode no others. */
const FRAMES: ReadonlySet<number> = new Set([0xc0, 0xc1, 0xc2]);
const PROGRESSIVE = 0xc2;
const TABLES: ReadonlySet<number> = new Set([
  JPEG_MARKER.huffmanTables,
  JPEG_MARKER.quantizationTables,
  JPEG_MARKER.restartInterval,
]);
/** A file with more segments is not ordinary. */
const MOST_SEGMENTS = 1000;
const MOST_PAYLOAD_BYTES = 0xff_ff - 2;

/**
 * Returns a JPEG with the same picture data and no metadata but an XMP packet: without EXIF, comments, thumbnails, and
 * whatever follows its end. Returns undefined unless it is an ordinary JPEG.
 * @param dropsProfile whether to accept an ICC profile and remove it: only if it is known to be sRGB
 */
export function jpegWithXmp(jpeg: Buffer, packet: string, dropsProfile = false): Buffer | undefined {
  const xmp = Buffer.concat([XMP, Buffer.from(packet)]);
  if (xmp.length > MOST_PAYLOAD_BYTES) return undefined;
  /** What tells decoders that colors are YCbCr or RGB. */
  const told: { jfif?: Buffer; adobe?: Buffer } = {};
  const tables = jpegTables();
  let frame: Frame | undefined;
  const scanned: number[] = [];
  /** The frame, and scans with their tables. */
  const parts: Buffer[] = [];
  let segments = 0;
  for (const { marker, at, end, dataEnd, skipped } of jpegSegments(jpeg)) {
    segments += 1;
    if (skipped || end > jpeg.length || segments > MOST_SEGMENTS) return undefined;
    const segment = jpeg.subarray(at, end);
    const payload = segment.subarray(4);
    if (marker === JPEG_MARKER.end) {
      if (frame === undefined || !isWhole(frame, scanned)) return undefined;
      const { jfif, adobe } = told;
      const applications = [jfif, jpegSegment(JPEG_MARKER.app1, xmp), adobe].filter(
        (each) => each !== undefined,
      );
      return Buffer.concat([jpeg.subarray(0, 2), ...applications, ...parts, segment]);
    } else if (FRAMES.has(marker)) {
      if (frame !== undefined) return undefined;
      frame = frameOf(marker, segment);
      if (frame === undefined) return undefined;
      parts.push(segment);
    } else if (TABLES.has(marker)) {
      if (!tables.read(segment)) return undefined;
    } else if (marker === JPEG_MARKER.scan) {
      const scan = frame && scanOf(frame, segment);
      if (frame === undefined || scan === undefined) return undefined;
      const { components, selectors } = scan;
      // For other frames, decoders read up to the end marker and warn about extra data.
      const isOnly = !frame.isProgressive && components.length === frame.components.length;
      if (
        isOnly &&
        !endsWithLastBlock({ ...frame, components }, tables, selectors, jpeg.subarray(end, dataEnd))
      )
        return undefined;
      const quantization = components.map((each) => each.quantization);
      const huffman = selectors.flatMap((each) => [each >> 4, AC + (each & 0xf)]);
      parts.push(...tables.take(quantization, huffman), jpeg.subarray(at, dataEnd));
      scanned.push(...components.map(({ id }) => id));
    } else if (marker === JPEG_MARKER.app2 && isOf(PROFILE, payload) && !dropsProfile) {
      return undefined;
    } else if (marker >= JPEG_MARKER.app0 && marker <= JPEG_MARKER.app15) {
      // Decoders decide on colors at the first scan.
      if (scanned.length > 0) continue;
      if (marker === JPEG_MARKER.app0 && isOf(JFIF, payload) && payload.length >= PLAIN_JFIF.length)
        told.jfif = jpegSegment(marker, PLAIN_JFIF);
      if (marker === JPEG_MARKER.app14 && isOf(ADOBE, payload) && payload.length >= ADOBE_BYTES)
        told.adobe = jpegSegment(marker, payload.subarray(0, ADOBE_BYTES));
    } else if (marker !== JPEG_MARKER.comment) {
      return undefined;
    }
  }
  return undefined;
}

interface Frame extends JpegFrame {
  isProgressive: boolean;
  components: readonly (JpegComponent & { quantization: number })[];
}

/** Returns a frame of grey or three colors with 8 bits. */
function frameOf(marker: number, segment: Buffer): Frame | undefined {
  const [precision, count = 0] = [segment[4], segment[9]];
  if (precision !== 8 || (count !== 1 && count !== 3) || segment.length !== 10 + 3 * count) return undefined;
  const [height, width] = [segment.readUInt16BE(5), segment.readUInt16BE(7)];
  // If it is 0, the height follows the first scan.
  if (height === 0) return undefined;
  const components = Array.from({ length: count }, (_, index) => {
    const [id = 0, blocks = 0, quantization = 0] = segment.subarray(10 + 3 * index);
    return { id, across: blocks >> 4, down: blocks & 0xf, quantization };
  });
  if (components.some(({ across, down }) => across === 0 || down === 0)) return undefined;
  return { isProgressive: marker === PROGRESSIVE, width, height, components };
}

/** Returns the components of a scan, and the selectors of their Huffman tables. */
function scanOf(
  frame: Frame,
  segment: Buffer,
): { components: Frame['components']; selectors: number[] } | undefined {
  const count = segment[4] ?? 0;
  if (segment.length !== 8 + 2 * count) return undefined;
  const components = Array.from({ length: count }, (_, index) =>
    frame.components.find(({ id }) => id === segment[5 + 2 * index]),
  ).filter((each) => each !== undefined);
  const selectors = Array.from({ length: count }, (_, index) => segment[6 + 2 * index] ?? 0);
  return components.length === count ? { components, selectors } : undefined;
}

/** Returns whether each component of a sequential frame is scanned once. Decoders never read what follows. */
function isWhole({ isProgressive, components }: Frame, scanned: readonly number[]): boolean {
  const isOnce = ({ id }: JpegComponent) => scanned.filter((each) => each === id).length === 1;
  return isProgressive || (scanned.length === components.length && components.every(isOnce));
}

function isOf(signature: Buffer, payload: Buffer): boolean {
  return payload.subarray(0, signature.length).equals(signature);
}
