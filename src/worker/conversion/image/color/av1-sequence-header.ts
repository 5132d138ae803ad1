import { obusIn } from './av1-obus.ts';
import { reader, type Reader } from './reader.ts';

/** The sequence header of an AV1 bitstream. */
export interface SequenceHeader {
  /** `seq_profile`. */
  profile: number;
  width: number;
  height: number;
  /** Whether it has more than 8 bits per channel. */
  isDeep: boolean;
  monochrome: boolean;
  /** Code points of ITU-T H.273: primaries, transfer, matrix. */
  codes: readonly [primaries: number, transfer: number, matrix: number] | undefined;
  fullRange: boolean;
}

const SEQUENCE_HEADER = 1;
/** `SELECT_SCREEN_CONTENT_TOOLS` and so on: chosen per frame. */
const SELECT = 2;

/** Returns the sequence header at the beginning of a bitstream. https://aomediacodec.github.io/av1-spec, section 5.3 */
export function sequenceHeaderIn(bitstream: Uint8Array): SequenceHeader | undefined {
  for (const { header, data } of obusIn(bitstream))
    if (((header >> 3) & 0xf) === SEQUENCE_HEADER) return sequenceHeader(reader(data));
  return undefined;
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
  const [width, height] = [read.bits(widthBits) + 1, read.bits(heightBits) + 1];
  // Frame ids.
  if (!isReduced && read.bits(1) === 1) read.bits(4 + 3);
  // Superblocks and two filters.
  read.bits(3);
  if (!isReduced) skipTools(read);
  // Three more filters.
  read.bits(3);
  return { profile, width, height, ...colorConfig(read, profile) };
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
  while (!read.isAtEnd() && read.bits(1) === 0) zeros += 1;
  // Section 4.10.3: the greatest number is 32 zeros or more, and has no bits.
  if (zeros < 32) read.bits(zeros);
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
function colorConfig(read: Reader, profile: number): Omit<SequenceHeader, 'profile' | 'width' | 'height'> {
  const isDeep = read.bits(1) === 1;
  if (profile === 2 && isDeep) read.bits(1);
  const monochrome = profile !== 1 && read.bits(1) === 1;
  const codes = read.bits(1) === 1 ? ([read.bits(8), read.bits(8), read.bits(8)] as const) : undefined;
  const isIdentity = SRGB_IDENTITY.every((code, index) => codes?.[index] === code);
  const fullRange = (isIdentity && !monochrome) || read.bits(1) === 1;
  return { isDeep, monochrome, codes, fullRange };
}
