/** Reads big-endian numbers from bytes, one after another. Beyond the end of the bytes, there are only zeros. */
export interface Reader {
  bits(count: number): number;
  bytes(count: number): number;
  skipBytes(count: number): void;
  isAtEnd(): boolean;
  /** Returns whether exactly the bytes have been read. */
  isExhausted(): boolean;
}

export function reader(data: Uint8Array): Reader {
  let at = 0;
  function bits(count: number): number {
    let value = 0;
    for (let end = at + count; at < end; at += 1)
      value = value * 2 + (((data[at >> 3] ?? 0) >> (7 - (at & 7))) & 1);
    return value;
  }
  return {
    bits,
    bytes: (count) => bits(count * 8),
    skipBytes: (count) => void (at += count * 8),
    isAtEnd: () => at >= data.length * 8,
    isExhausted: () => at === data.length * 8,
  };
}
