import { JPEG_MARKER, jpegSegments } from '../jpeg/segments.ts';
import { firstDirectory, one, TAG } from '../tiff/directory.ts';

/** What the header of a JPEG says. */
export interface JpegHeader {
  /** Its process, by the marker of its frame. */
  marker: number;
  width: number;
  height: number;
  components: number;
  /** Of EXIF, if it is there. */
  orientation: number | undefined;
}

const START = 0xff_d8;
const EXIF = 'Exif\0\0';
/** Markers of tables between those of frames: DHT, JPG and DAC. */
const NO_FRAMES: ReadonlySet<number> = new Set([0xc4, 0xc8, 0xcc]);
/** More are no camera's. */
const MOST_SEGMENTS = 1000;

/** Returns undefined if the bytes do not begin with the header of a JPEG. */
export function jpegHeader(bytes: Uint8Array): JpegHeader | undefined {
  const jpeg = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (jpeg.byteLength < 4 || jpeg.readUInt16BE() !== START) return undefined;
  let orientation: number | undefined;
  let segments = 0;
  for (const { marker, at, end, skipped } of jpegSegments(jpeg)) {
    segments += 1;
    if (skipped || marker < 0xc0 || segments > MOST_SEGMENTS || at + 10 > jpeg.byteLength) return undefined;
    if (marker <= 0xcf && !NO_FRAMES.has(marker))
      return {
        marker,
        height: jpeg.readUInt16BE(at + 5),
        width: jpeg.readUInt16BE(at + 7),
        components: jpeg[at + 9] ?? 0,
        orientation,
      };
    if (marker === JPEG_MARKER.app1 && jpeg.toString('latin1', at + 4, at + 4 + EXIF.length) === EXIF)
      orientation ??= orientationIn(jpeg.subarray(at + 4 + EXIF.length, end));
  }
  return undefined;
}

function orientationIn(exif: Uint8Array): number | undefined {
  const orientation = one(firstDirectory(exif), TAG.orientation, 0);
  return orientation === 0 ? undefined : orientation;
}

/**
 * Returns a JPEG that is shown turned.
 * @param orientation as EXIF has it, from 1 to 8; others mean nothing
 */
export function oriented(jpeg: Uint8Array, orientation: number): Uint8Array {
  if (orientation < 2 || orientation > 8) return jpeg;
  const SHORT = 3;
  const exif = Buffer.alloc(36);
  exif.writeUInt16BE(0xff_00 + JPEG_MARKER.app1);
  exif.writeUInt16BE(exif.byteLength - 2, 2);
  exif.write(`${EXIF}MM\0*`, 4, 'latin1');
  exif.writeUInt32BE(8, 14);
  // One field.
  exif.writeUInt16BE(1, 18);
  exif.writeUInt16BE(TAG.orientation, 20);
  exif.writeUInt16BE(SHORT, 22);
  exif.writeUInt32BE(1, 24);
  exif.writeUInt16BE(orientation, 28);
  return Buffer.concat([jpeg.subarray(0, 2), exif, jpeg.subarray(2)]);
}
