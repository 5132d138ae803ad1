/** The units of an AV1 bitstream: https://aomediacodec.github.io/av1-spec, section 5.3. */
export interface Obu {
  /** Its first byte, with its type and flags. */
  header: number;
  /** Where it ends, which may be beyond the end of a bitstream that was cut off. */
  end: number;
  data: Uint8Array;
}

const HAS_EXTENSION = 0x04;
const HAS_SIZE = 0x02;

/** More than a picture needs. Millions of empty ones would take seconds. */
const MOST_OBUS = 1000;

/** Returns the units of a bitstream, up to a limit. */
export function* obusIn(bitstream: Uint8Array): Generator<Obu> {
  for (let at = 0, left = MOST_OBUS; at < bitstream.length && left > 0; left -= 1) {
    const header = bitstream[at] ?? 0;
    const sizeAt = at + ((header & HAS_EXTENSION) === 0 ? 1 : 2);
    const { value, bytes } = (header & HAS_SIZE) === 0 ? rest(bitstream, sizeAt) : leb128(bitstream, sizeAt);
    const from = sizeAt + bytes;
    const end = from + value;
    yield { header, end, data: bitstream.subarray(from, end) };
    at = end;
  }
}

function rest(bitstream: Uint8Array, at: number): { value: number; bytes: number } {
  return { value: Math.max(0, bitstream.length - at), bytes: 0 };
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
