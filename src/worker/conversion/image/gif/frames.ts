/** The frames of a GIF, without their pixels. https://www.w3.org/Graphics/GIF/spec-gif89a.txt */

export interface GifFrame {
  left: number;
  top: number;
  width: number;
  height: number;
  /** Where its block begins. */
  at: number;
  /** Where its compressed pixels begin, with the size of their first codes. */
  pixelsAt: number;
  control: GifControl | undefined;
}

/** A graphic control extension. */
interface GifControl {
  at: number;
  disposal: number;
  isTransparent: boolean;
}

export interface Gif {
  width: number;
  height: number;
  frames: readonly GifFrame[];
}

const HEADER_BYTES = 13;
const EXTENSION = 0x21;
const CONTROL = 0xf9;
const IMAGE = 0x2c;
const HAS_TABLE = 0x80;
/** More are left as they are. */
const MOST_FRAMES = 100_000;

/** Reads the blocks up to the end, or to the first that is damaged. */
export function readGif(gif: Buffer): Gif {
  const frames: GifFrame[] = [];
  if (gif.byteLength < HEADER_BYTES) return { width: 0, height: 0, frames };
  let control: GifControl | undefined;
  for (
    let at = HEADER_BYTES + tableBytes(gif[10]);
    at + 10 < gif.byteLength && frames.length < MOST_FRAMES;
  ) {
    if (gif[at] === EXTENSION) {
      const packed = gif[at + 3] ?? 0;
      if (gif[at + 1] === CONTROL)
        control = { at, disposal: (packed >> 2) & 7, isTransparent: (packed & 1) === 1 };
      at = afterBlocks(gif, at + 2);
    } else if (gif[at] === IMAGE) {
      const [left = 0, top = 0, width = 0, height = 0] = [1, 3, 5, 7].map((by) => gif.readUInt16LE(at + by));
      const pixelsAt = at + 10 + tableBytes(gif[at + 9]);
      frames.push({ left, top, width, height, at, pixelsAt, control });
      control = undefined;
      at = afterBlocks(gif, pixelsAt + 1);
    } else break;
  }
  return { width: gif.readUInt16LE(6), height: gif.readUInt16LE(8), frames };
}

/** Of a table of colors. */
function tableBytes(packed = 0): number {
  return (packed & HAS_TABLE) === 0 ? 0 : 3 << ((packed & 7) + 1);
}

/** Returns where the blocks of data that begin here end. */
function afterBlocks(gif: Buffer, from: number): number {
  let at = from;
  while ((gif[at] ?? 0) > 0) at += 1 + (gif[at] ?? 0);
  return at + 1;
}

/** Returns the blocks of data that begin here, as one. */
export function dataFrom(gif: Buffer, from: number): Buffer {
  const data = Buffer.alloc(afterBlocks(gif, from) - from);
  let length = 0;
  for (let at = from; (gif[at] ?? 0) > 0; at += 1 + (gif[at] ?? 0))
    length += gif.copy(data, length, at + 1, at + 1 + (gif[at] ?? 0));
  return data.subarray(0, length);
}
