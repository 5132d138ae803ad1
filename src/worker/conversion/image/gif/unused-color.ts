/** Colors that a pixel can have. */
const COLORS = 256;
const LONGEST_CODE = 12;

/**
 * Returns a color that no pixel has; undefined if all are used. After each clear code, a color's first pixel is always
 * a code of its own, so the pixels need not be decompressed.
 * https://www.w3.org/Graphics/GIF/spec-gif89a.txt, appendix F
 * @param data compressed by LZW
 * @param bits of a color
 */
export function unusedColor(data: Uint8Array, bits: number): number | undefined {
  if (bits < 1 || bits > 8) return undefined;
  if (bits < 8) return COLORS - 1;
  const clear = 1 << bits;
  const used = new Uint8Array(COLORS);
  let [length, next, value, valueBits] = [bits + 1, clear + 2, 0, 0];
  let isFirst = true;
  for (const byte of data) {
    value |= byte << valueBits;
    valueBits += 8;
    while (valueBits >= length) {
      const code = value & ((1 << length) - 1);
      value >>>= length;
      valueBits -= length;
      if (code === clear) {
        [length, next, isFirst] = [bits + 1, clear + 2, true];
        continue;
      }
      if (code === clear + 1) return firstUnused(used);
      if (code < clear) used[code] = 1;
      if (!isFirst) next += 1;
      isFirst = false;
      if (next === 1 << length && length < LONGEST_CODE) length += 1;
    }
  }
  return firstUnused(used);
}

function firstUnused(used: Uint8Array): number | undefined {
  const color = used.indexOf(0);
  return color < 0 ? undefined : color;
}
