import { AC, HUFFMAN_HEAD_BYTES, type JpegTables } from './jpeg-tables.ts';

/**
 * Finds where the coded data of a sequential JPEG ends: decoders stop after the last block, and do not notice what
 * follows it. https://www.w3.org/Graphics/JPEG/itu-t81.pdf, annexes B, E and F
 */

/** A component of a frame. */
export interface JpegComponent {
  id: number;
  /** Blocks side by side, and one above another, in each unit of a scan. */
  across: number;
  down: number;
}

export interface JpegFrame {
  width: number;
  height: number;
  components: readonly JpegComponent[];
}

/** The length of the code with which 16 bits begin, times 256, plus the code's value. 0 for bits that are no code. */
type Codes = Uint16Array;

const CODE_BITS = 16;
const BLOCK_SIDE = 8;
const COEFFICIENTS = 64;
/** A run of 16 zeros; others without a value end a block. */
const ZEROS = 0xf0;

/**
 * Returns whether a scan of all components of a sequential frame ends with its last block.
 * @param tables those before the scan
 * @param selectors of the Huffman tables of each component: four bits for DC, four for AC
 * @param data its coded data
 */
export function endsWithLastBlock(
  { width, height, components }: JpegFrame,
  tables: JpegTables,
  selectors: readonly number[],
  data: Buffer,
): boolean {
  const blocks: [dc: Codes, ac: Codes][] = [];
  for (const [index, { across, down }] of components.entries()) {
    const selected = selectors[index] ?? 0;
    const [dc, ac] = [tables.huffman(selected >> 4), tables.huffman(AC + (selected & 0xf))].map(codesIn);
    if (dc === undefined || ac === undefined) return false;
    // Of a single component, each unit is one block.
    const count = components.length === 1 ? 1 : across * down;
    for (let block = 0; block < count; block += 1) blocks.push([dc, ac]);
  }
  const units =
    unitsOf(width, components, ({ across }) => across) * unitsOf(height, components, ({ down }) => down);
  const interval = tables.interval();
  const bits = bitsOf(data);
  for (let unit = 0; unit < units; unit += 1) {
    if (interval > 0 && unit > 0 && unit % interval === 0) bits.restart();
    for (const [dc, ac] of blocks) {
      bits.skip(bits.code(dc));
      for (let index = 1; index < COEFFICIENTS;) {
        const code = bits.code(ac);
        const size = code & 0xf;
        if (size === 0 && code !== ZEROS) break;
        bits.skip(size);
        index += (code >> 4) + 1;
      }
    }
    if (bits.isOver()) return false;
  }
  return bits.isAtEnd();
}

function unitsOf(
  side: number,
  components: readonly JpegComponent[],
  blocks: (component: JpegComponent) => number,
): number {
  const most = components.length === 1 ? 1 : Math.max(...components.map(blocks));
  return Math.ceil(side / (most * BLOCK_SIDE));
}

function codesIn(definition: Buffer | undefined): Codes | undefined {
  if (definition === undefined) return undefined;
  const codes = new Uint16Array(2 ** CODE_BITS);
  let [from, value] = [0, HUFFMAN_HEAD_BYTES];
  for (let length = 1; length <= CODE_BITS; length += 1) {
    const step = 2 ** (CODE_BITS - length);
    for (let count = definition[length] ?? 0; count > 0; count -= 1) {
      codes.fill((length << 8) | (definition[value] ?? 0), from, from + step);
      from += step;
      value += 1;
    }
  }
  return codes;
}

function bitsOf(data: Buffer) {
  let at = 0;
  let buffer = 0;
  let available = 0;
  /** Bits beyond the end of the data, which are zero. */
  let missing = 0;
  let isOver = false;

  function fill(count: number): void {
    while (available < count) {
      const byte = data[at];
      // After 0xff, a zero belongs to it. Anything else is a marker.
      const isEscaped = byte === 0xff && data[at + 1] === 0;
      if (byte === undefined || (byte === 0xff && !isEscaped)) {
        buffer <<= 8;
        missing += 8;
      } else {
        buffer = (buffer << 8) | byte;
        at += isEscaped ? 2 : 1;
      }
      available += 8;
    }
  }

  function skip(count: number): void {
    fill(count);
    available -= count;
    buffer &= 2 ** available - 1;
    if (available < missing) isOver = true;
  }

  return {
    skip,
    /** Returns the value of the next code. */
    code(codes: Codes): number {
      fill(CODE_BITS);
      const found = codes[(buffer >>> (available - CODE_BITS)) & 0xff_ff] ?? 0;
      // No code has no bits.
      if (found === 0) isOver = true;
      skip(found >> 8);
      return found & 0xff;
    },
    /** Continues after a restart marker. */
    restart(): void {
      if (available - missing >= 8 || data[at] !== 0xff || !isRestart(data[at + 1])) isOver = true;
      at += 2;
      buffer = 0;
      available = 0;
      missing = 0;
    },
    isOver: () => isOver,
    isAtEnd: () => !isOver && available - missing < 8 && at === data.length,
  };
}

const isRestart = (marker = 0) => marker >= 0xd0 && marker <= 0xd7;
