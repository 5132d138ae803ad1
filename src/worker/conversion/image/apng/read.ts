import type { Size } from '../../../../core/geometry.ts';
import { pngChunk } from '../color/png-chunk.ts';
import { isIntact, pngChunks, type Chunk } from '../color/png-chunks.ts';
import { corrupt } from '../corrupt.ts';

/** An animated PNG: https://www.w3.org/TR/png-3/#apng-frame-based-animation */
export interface Apng extends Size {
  frames: readonly ApngFrame[];
  /** 0 for an endless loop. */
  plays: number;
}

export interface ApngFrame extends Size {
  left: number;
  top: number;
  /** In milliseconds. */
  delay: number;
  /** What becomes of the frame's place before the next frame. */
  dispose: 'none' | 'background' | 'previous';
  blend: 'source' | 'over';
  /** Returns the frame alone as a PNG, with the colors of the file. */
  png(): Buffer;
}

const SIGNATURE_BYTES = 8;
const CONTROL_BYTES = 26;
const SEQUENCE_BYTES = 4;
/** Chunks that say what the pixels mean. Others, such as EXIF data, are not about a single frame. */
const OF_EACH_FRAME: ReadonlySet<string> = new Set(
  'PLTE tRNS sBIT cICP iCCP sRGB gAMA cHRM cLLI mDCV'.split(' '),
);
const READ: ReadonlySet<string> = new Set([...OF_EACH_FRAME, 'IHDR', 'acTL', 'fcTL', 'fdAT', 'IDAT', 'IEND']);
const DISPOSE = ['none', 'background', 'previous'] as const;
const BLEND = ['source', 'over'] as const;
/** What a denominator of 0 means. */
const HUNDREDTHS = 100;

/**
 * Reads an animation. Its default image is a frame only if the file says so. Like Chromium, ignores frames beyond the
 * number that the file declares, and does not miss any.
 * @returns undefined if it declares no frames: browsers show the default image
 * @throws Rejected if it is damaged
 */
export function readApng(file: Uint8Array): Apng | undefined {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const signature = bytes.subarray(0, SIGNATURE_BYTES);
  const shared = new Map<string, Buffer>();
  const found: { control: Buffer; pixels: Buffer[] }[] = [];
  let header: Buffer | undefined;
  let claimed: { frames: number; plays: number } | undefined;
  let sequence = 0;
  const next = (data: Buffer, length: number): void => {
    if (data.byteLength < length || data.readUInt32BE() !== sequence)
      throw corrupt('the frames of the animation are out of order');
    sequence += 1;
  };
  for (const { type, data } of chunksOf(bytes)) {
    if (type === 'IHDR') header = data;
    else if (type === 'acTL' && data.byteLength === 8)
      claimed ??= { frames: data.readUInt32BE(), plays: data.readUInt32BE(4) };
    else if (type === 'fcTL') {
      next(data, CONTROL_BYTES);
      found.push({ control: data, pixels: [] });
    } else if (type === 'fdAT') {
      next(data, SEQUENCE_BYTES);
      found.at(-1)?.pixels.push(data.subarray(SEQUENCE_BYTES));
    } else if (type === 'IDAT') found.at(-1)?.pixels.push(data);
    else if (OF_EACH_FRAME.has(type) && !shared.has(type)) shared.set(type, pngChunk(type, data));
  }
  if (claimed === undefined || claimed.frames === 0) return undefined;
  if (header?.byteLength !== 13) throw corrupt('its header is damaged');
  if (found.length === 0) throw corrupt(`the animation declares ${claimed.frames} frames and contains none`);
  const size = { width: header.readUInt32BE(), height: header.readUInt32BE(4) };
  const rest = header.subarray(8);
  const frames = found.slice(0, claimed.frames).map(({ control, pixels }) => ({
    ...frameOf(control, size),
    png: () =>
      Buffer.concat([
        signature,
        pngChunk('IHDR', Buffer.concat([control.subarray(4, 12), rest])),
        ...shared.values(),
        pngChunk('IDAT', Buffer.concat(pixels)),
        pngChunk('IEND', Buffer.alloc(0)),
      ]),
  }));
  return { ...size, frames, plays: claimed.plays };
}

/**
 * Yields the chunks up to the end that say something about the animation. Damage in others does no harm.
 * @throws Rejected if the file is truncated, or if a checksum is wrong
 */
function* chunksOf(bytes: Buffer): Generator<Chunk> {
  for (const chunk of pngChunks(bytes)) {
    if (READ.has(chunk.type)) {
      if (!isIntact(chunk)) throw corrupt(`the checksum of a ${chunk.type} chunk is wrong`);
      if (chunk.type === 'IEND') return;
      yield chunk;
    }
  }
  throw corrupt('it ends before the animation does');
}

function frameOf(control: Buffer, whole: Size): Omit<ApngFrame, 'png'> {
  const [width = 0, height = 0, left = 0, top = 0] = [4, 8, 12, 16].map((at) => control.readUInt32BE(at));
  const dispose = DISPOSE[control[24] ?? -1];
  const blend = BLEND[control[25] ?? -1];
  const isInside = left + width <= whole.width && top + height <= whole.height;
  if (width === 0 || height === 0 || !isInside || dispose === undefined || blend === undefined)
    throw corrupt('a frame of the animation has an invalid size, position, dispose_op or blend_op');
  const delay = (1000 * control.readUInt16BE(20)) / (control.readUInt16BE(22) || HUNDREDTHS);
  return { width, height, left, top, delay: Math.round(delay), dispose, blend };
}
