/**
 * Compares by UTF-8 bytes, the order of S3's listings. It differs from JavaScript's own order, which is by UTF-16
 * units, only where a character beyond U+FFFF (a surrogate there) meets one from U+E000 on.
 * Millrace, a separate package, has its own copy.
 */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const x = a.charCodeAt(index);
    const y = b.charCodeAt(index);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
