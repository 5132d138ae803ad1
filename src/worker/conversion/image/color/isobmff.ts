/** https://www.iso.org/standard/83102.html (ISO/IEC 14496-12), section 4.2. */

export interface Box {
  type: string;
  body: Buffer;
}

/** More than a picture needs. Millions of empty boxes would fill the heap. */
const MOST_BOXES = 10_000;
const HEADER_BYTES = 8;
const LARGE_HEADER_BYTES = 16;
const TO_THE_END = 0;
const LARGE = 1;

/** Returns the boxes in these bytes, up to a limit or to the first that is damaged. */
export function boxesIn(bytes: Buffer): Box[] {
  const boxes: Box[] = [];
  for (let at = 0; at + HEADER_BYTES <= bytes.length && boxes.length < MOST_BOXES;) {
    const short = bytes.readUInt32BE(at);
    const header = short === LARGE ? LARGE_HEADER_BYTES : HEADER_BYTES;
    const size = sizeOf(bytes.subarray(at), short);
    if (size < header || at + size > bytes.length) break;
    const type = bytes.toString('latin1', at + 4, at + HEADER_BYTES);
    boxes.push({ type, body: bytes.subarray(at + header, at + size) });
    at += size;
  }
  return boxes;
}

/** Returns whether boxes end where their container does. */
export function fills(boxes: readonly Box[], container: Buffer): boolean {
  const last = boxes.at(-1)?.body;
  return last !== undefined && last.byteOffset + last.length === container.byteOffset + container.length;
}

function sizeOf(box: Buffer, short: number): number {
  if (short === TO_THE_END) return box.length;
  return short === LARGE && box.length >= LARGE_HEADER_BYTES
    ? Number(box.readBigUInt64BE(HEADER_BYTES))
    : short;
}
