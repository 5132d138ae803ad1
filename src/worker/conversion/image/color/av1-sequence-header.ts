import { reader, type Reader } from './reader.ts';

/** The planes of an AV1 bitstream, from its sequence header. */
export interface SequenceHeader {
  monochrome: boolean;
  fullRange: boolean;
}

const SEQUENCE_HEADER = 1;
const HAS_EXTENSION = 0x04;
const HAS_SIZE = 0x02;
/** `SELECT_SCREEN_CONTENT_TOOLS` and so on: chosen per frame. */
const SELECT = 2;

/** Returns the sequence header at the beginning of a bitstream. https://aomediacodec.github.io/av1-spec, section 5.3 */
export function sequenceHeaderIn(bitstream: Uint8Array): SequenceHeader | undefined {
  for (let at = 0; at < bitstream.length;) {
    const header = bitstream[at] ?? 0;
    at += (header & HAS_EXTENSION) === 0 ? 1 : 2;
    const { value, bytes } = (header & HAS_SIZE) === 0 ? rest(bitstream, at) : leb128(bitstream, at);
    at += bytes;
    if (((header >> 3) & 0xf) === SEQUENCE_HEADER)
      return sequenceHeader(reader(bitstream.subarray(at, at + value)));
    at += value;
  }
  return undefined;
}

function rest(bitstream: Uint8Array, at: number): { value: number; bytes: number } {
  return { value: bitstream.length - at, bytes: 0 };
}

function leb128(bitstream: Uint8Array, at: number): { value: number; bytes: number } {
  let value = 0;
  for (let bytes = 0; bytes < 8; bytes += 1) {
    const byte = bitstream[at + bytes] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * bytes);
    if (byte < 0x80) return { value, bytes: bytes + 1 };
  }
  return { value, bytes: 8 };
}

/** Section 5.5.1. */
function sequenceHeader(read: Reader): SequenceHeader {
  const profile = read.bits(3);
  read.bits(1);
  const isReduced = read.bits(1) === 1;
  if (isReduced) read.bits(5);
  else skipOperatingPoints(read);
  const widthBits = read.bits(4) + 1;
  const heightBits = read.bits(4) + 1;
  read.bits(widthBits + heightBits);
  // Frame ids.
  if (!isReduced && read.bits(1) === 1) read.bits(4 + 3);
  // Superblocks and two filters.
  read.bits(3);
  if (!isReduced) skipTools(read);
  // Three more filters.
  read.bits(3);
  return colorConfig(read, profile);
}

function skipOperatingPoints(read: Reader): void {
  let delayBits: number | undefined;
  if (read.bits(1) === 1) {
    read.bits(32 + 32);
    // Pictures at equal intervals.
    if (read.bits(1) === 1) skipUvlc(read);
    if (read.bits(1) === 1) {
      delayBits = read.bits(5) + 1;
      read.bits(32 + 5 + 5);
    }
  }
  const hasDelays = read.bits(1) === 1;
  for (let points = read.bits(5) + 1; points > 0; points -= 1) {
    read.bits(12);
    // The tier, which only high levels have.
    if (read.bits(5) > 7) read.bits(1);
    if (delayBits !== undefined && read.bits(1) === 1) read.bits(delayBits * 2 + 1);
    if (hasDelays && read.bits(1) === 1) read.bits(4);
  }
}

function skipUvlc(read: Reader): void {
  let zeros = 0;
  while (zeros < 32 && !read.isAtEnd() && read.bits(1) === 0) zeros += 1;
  read.bits(zeros);
}

function skipTools(read: Reader): void {
  read.bits(4);
  const hasOrderHint = read.bits(1) === 1;
  if (hasOrderHint) read.bits(2);
  const screenContent = read.bits(1) === 1 ? SELECT : read.bits(1);
  if (screenContent > 0 && read.bits(1) === 0) read.bits(1);
  if (hasOrderHint) read.bits(3);
}

const SRGB_IDENTITY = [1, 13, 0] as const;

/** Section 5.5.2. */
function colorConfig(read: Reader, profile: number): SequenceHeader {
  const isDeep = read.bits(1) === 1;
  if (profile === 2 && isDeep) read.bits(1);
  const monochrome = profile !== 1 && read.bits(1) === 1;
  const codes = read.bits(1) === 1 ? [read.bits(8), read.bits(8), read.bits(8)] : [];
  const isIdentity = SRGB_IDENTITY.every((code, index) => codes[index] === code);
  return { monochrome, fullRange: (isIdentity && !monochrome) || read.bits(1) === 1 };
}
