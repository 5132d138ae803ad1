import { deflateSync } from 'node:zlib';
import { pngChunk } from './png.ts';

/** https://www.w3.org/TR/png-3/#apng-frame-based-animation */
export interface ApngFrame {
  /** RGBA. */
  pixels: Uint8Array;
  width: number;
  height: number;
  left?: number;
  top?: number;
  /** In seconds: a fraction. Default: a tenth. */
  delay?: readonly [numerator: number, denominator: number];
  /** 0 is nothing, 1 clears the frame's place, 2 restores what was there. */
  dispose?: number;
  /** 0 replaces, 1 blends. */
  blend?: number;
}

export interface ApngFile {
  width: number;
  height: number;
  frames: readonly ApngFrame[];
  /** RGBA; undefined if it is the first frame. */
  defaultImage?: Uint8Array;
  /** The number of frames that it declares, if it is wrong. */
  declared?: number;
  /** 0 is endless. */
  plays?: number;
  /** Before the pixels. */
  chunks?: readonly Buffer[];
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const RGBA = 6;

export const filled = (width: number, height: number, color: readonly (number | undefined)[]) =>
  Uint8Array.from({ length: width * height * 4 }, (_, index) => color[index % 4] ?? 255);

export function apngOf(file: ApngFile): Buffer {
  const { width, height, frames, defaultImage, declared = frames.length, plays = 0, chunks = [] } = file;
  let sequence = 0;
  const control = ({ delay = [1, 10], left = 0, top = 0, dispose = 0, blend = 0, ...size }: ApngFrame) => {
    const numbers = numbersOf(sequence, size.width, size.height, left, top);
    sequence += 1;
    return pngChunk('fcTL', Buffer.concat([numbers, shorts(...delay), Buffer.of(dispose, blend)]));
  };
  const header = Buffer.concat([numbersOf(width, height), Buffer.of(8, RGBA, 0, 0, 0)]);
  const parts = [pngChunk('IHDR', header), pngChunk('acTL', numbersOf(declared, plays)), ...chunks];
  if (defaultImage !== undefined) parts.push(pngChunk('IDAT', packed(defaultImage, width)));
  for (const [index, frame] of frames.entries()) {
    parts.push(control(frame));
    const pixels = packed(frame.pixels, frame.width);
    if (index === 0 && defaultImage === undefined) parts.push(pngChunk('IDAT', pixels));
    else {
      // In two chunks, as encoders do it.
      for (const part of [pixels.subarray(0, 10), pixels.subarray(10)]) {
        parts.push(pngChunk('fdAT', Buffer.concat([numbersOf(sequence), part])));
        sequence += 1;
      }
    }
  }
  return Buffer.concat([SIGNATURE, ...parts, pngChunk('IEND', Buffer.alloc(0))]);
}

/** Each row after the number of its filter. */
function packed(pixels: Uint8Array, width: number): Buffer {
  const bytes = width * 4;
  const rows = Array.from({ length: pixels.byteLength / bytes }, (_, row) =>
    Buffer.concat([Buffer.of(0), pixels.subarray(row * bytes, (row + 1) * bytes)]),
  );
  return deflateSync(Buffer.concat(rows));
}

function numbersOf(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index);
  return bytes;
}

function shorts(...values: number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, 2 * index);
  return bytes;
}
