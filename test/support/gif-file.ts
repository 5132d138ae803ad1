/** GIFs, block by block. https://www.w3.org/Graphics/GIF/spec-gif89a.txt */

const WIDTH = 64;
const HEIGHT = 32;
const COLORS = Buffer.from([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0]);
/** Green. */
const BACKGROUND = 1;

/** A frame in a color of the table: red, green, blue, yellow, and black for all others. Default: the whole height. */
export interface Frame {
  left: number;
  width: number;
  top?: number;
  height?: number;
  color: number;
  disposal?: number;
  /** A transparent color, which no pixel has, if it has a disposal. */
  transparent?: boolean;
  /** Whether it has a table of its own: the same two colors. */
  ownTable?: boolean;
  /** Extensions between the frame's control and its pixels. */
  extensions?: Buffer;
  /** Of a color. */
  bits?: number;
  /** How many colors the first pixels have, each another. */
  colors?: number;
}

/** Returns a GIF of 64 × 32 pixels. */
export function gifOf(frames: readonly Frame[]): Buffer {
  const screen = Buffer.from([WIDTH, 0, HEIGHT, 0, 0xf7, BACKGROUND, 0]);
  const table = Buffer.concat([COLORS, Buffer.alloc(768 - COLORS.byteLength)]);
  return Buffer.concat([Buffer.from('GIF89a'), screen, table, ...frames.flatMap(frameOf), Buffer.from(';')]);
}

function frameOf(frame: Frame): Buffer[] {
  const { left, width, top = 0, height = HEIGHT, color, disposal, bits = 3, colors = 0 } = frame;
  const packed = ((disposal ?? 0) << 2) | (frame.transparent === true ? 1 : 0);
  const control = disposal === undefined ? [] : [Buffer.of(0x21, 0xf9, 4, packed, 10, 0, 9, 0)];
  const table = frame.ownTable === true ? COLORS.subarray(0, 6) : Buffer.alloc(0);
  const image = Buffer.of(0x2c, left, 0, top, 0, width, 0, height, 0, table.length > 0 ? 0x80 : 0);
  const pixels = Array.from({ length: width * height }, (_, index) => (index < colors ? index : color));
  const extensions = frame.extensions ?? Buffer.alloc(0);
  return [...control, extensions, image, table, Buffer.of(bits), blocks(lzw(pixels, bits))];
}

function blocks(data: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < data.byteLength; at += 255) {
    const part = data.subarray(at, at + 255);
    parts.push(Buffer.of(part.byteLength), part);
  }
  return Buffer.concat([...parts, Buffer.alloc(1)]);
}

/** Compresses pixels: appendix F. */
export function lzw(pixels: readonly number[], bits: number): Buffer {
  const clear = 1 << bits;
  const bytes: number[] = [];
  let [value, valueBits, length] = [0, 0, bits + 1];
  const write = (code: number) => {
    value |= code << valueBits;
    for (valueBits += length; valueBits >= 8; valueBits -= 8) {
      bytes.push(value & 0xff);
      value >>>= 8;
    }
  };
  let table = new Map<string, number>();
  let next = clear + 2;
  let text = '';
  const codeOf = (of: string) => table.get(of) ?? Number(of);
  write(clear);
  for (const pixel of pixels) {
    const longer = text === '' ? `${pixel}` : `${text},${pixel}`;
    if (text === '' || table.has(longer)) {
      text = longer;
      continue;
    }
    write(codeOf(text));
    text = `${pixel}`;
    if (next < 4096) {
      table.set(longer, next);
      next += 1;
      if (next > 1 << length && length < 12) length += 1;
    } else {
      write(clear);
      [table, next, length] = [new Map(), clear + 2, bits + 1];
    }
  }
  if (text !== '') write(codeOf(text));
  write(clear + 1);
  bytes.push(value & 0xff);
  return Buffer.from(bytes);
}
