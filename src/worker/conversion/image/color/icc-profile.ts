import { D50, toD50, toXyzD50 } from './adaptation.ts';
import { transposed } from './matrix.ts';
import type { Curve, RgbSpace } from './rgb-space.ts';

/**
 * Writes ICC profiles, version 4, with a matrix and a curve, from which libvips converts colors.
 * https://www.color.org/specification/ICC.1-2022-05.pdf
 */

const HEADER_BYTES = 128;
const ENTRY_BYTES = 12;
const VERSION = 0x04_40_00_00;
/** A `para` of this type has the parameters g, a, b, c and d. */
const PARAMETRIC_TYPE = 3;

/** Returns a profile of RGB pixels in this space. */
export function rgbProfile({ primaries, curve }: RgbSpace): Uint8Array {
  const [red, green, blue] = transposed(toXyzD50(primaries));
  const trc = parametric(curve);
  return profile('RGB ', [
    ['chad', numbers('sf32', toD50(primaries).flat())],
    ['rXYZ', numbers('XYZ ', red)],
    ['gXYZ', numbers('XYZ ', green)],
    ['bXYZ', numbers('XYZ ', blue)],
    ['rTRC', trc],
    ['gTRC', trc],
    ['bTRC', trc],
  ]);
}

/** Returns a profile of grey pixels. */
export function greyProfile(curve: Curve): Uint8Array {
  return profile('GRAY', [['kTRC', parametric(curve)]]);
}

type Tag = readonly [signature: string, data: Buffer];

function profile(space: 'RGB ' | 'GRAY', tags: readonly Tag[]): Uint8Array {
  const all: Tag[] = [
    ['desc', text('Described by the image')],
    ['cprt', text('CC0')],
    ['wtpt', numbers('XYZ ', D50)],
    ...tags,
  ];
  const table = Buffer.alloc(4 + all.length * ENTRY_BYTES);
  table.writeUInt32BE(all.length);
  let offset = HEADER_BYTES + table.length;
  for (const [index, [signature, data]] of all.entries()) {
    const at = 4 + index * ENTRY_BYTES;
    table.write(signature, at, 'latin1');
    table.writeUInt32BE(offset, at + 4);
    table.writeUInt32BE(data.length, at + 8);
    offset += data.length;
  }
  return Buffer.concat([header(space, offset), table, ...all.map(([, data]) => data)]);
}

function header(space: string, size: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt32BE(size);
  bytes.writeUInt32BE(VERSION, 8);
  bytes.write(`mntr${space}XYZ `, 12, 'latin1');
  // A date is required. Any date works.
  bytes.writeUInt16BE(2026, 24);
  bytes.writeUInt16BE(1, 26);
  bytes.writeUInt16BE(1, 28);
  bytes.write('acsp', 36, 'latin1');
  for (const [index, value] of D50.entries()) bytes.writeInt32BE(fixed(value), 68 + index * 4);
  return bytes;
}

function parametric({ gamma, a, b, c, d }: Curve): Buffer {
  const bytes = numbers('para', [0, gamma, a, b, c, d]);
  bytes.writeUInt16BE(PARAMETRIC_TYPE, 8);
  return bytes;
}

function numbers(type: string, values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(8 + 4 * values.length);
  bytes.write(type, 'latin1');
  for (const [index, value] of values.entries()) bytes.writeInt32BE(fixed(value), 8 + index * 4);
  return bytes;
}

/** s15Fixed16Number */
function fixed(value: number): number {
  return Math.round(value * 0x1_00_00);
}

/** One text, in English. The length is a multiple of four, as all tags need. */
function text(ascii: string): Buffer {
  const coded = Buffer.from(ascii, 'utf16le').swap16();
  const bytes = Buffer.alloc(28 + Math.ceil(coded.length / 4) * 4);
  bytes.write('mluc', 'latin1');
  bytes.writeUInt32BE(1, 8);
  bytes.writeUInt32BE(12, 12);
  bytes.write('enUS', 16, 'latin1');
  bytes.writeUInt32BE(coded.length, 20);
  bytes.writeUInt32BE(28, 24);
  coded.copy(bytes, 28);
  return bytes;
}
