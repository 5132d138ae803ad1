import type { Size } from '../../../../core/geometry.ts';

/**
 * EXIF orientations, by what they change: whether columns are counted from the right, rows from the bottom, and whether
 * rows then become columns. https://www.cipa.jp/std/documents/download_e.html?DC-008-Translation-2023-E, `Orientation`
 */
const FROM_RIGHT: ReadonlySet<number> = new Set([2, 3, 7, 8]);
const FROM_BOTTOM: ReadonlySet<number> = new Set([3, 4, 6, 7]);
const TRANSPOSED: ReadonlySet<number> = new Set([5, 6, 7, 8]);

/** Returns the size of an image once it is upright. */
export function uprightSize({ width, height }: Size, orientation: number): Size {
  return TRANSPOSED.has(orientation) ? { width: height, height: width } : { width, height };
}

/**
 * Writes an image upright.
 * @param pixels of four bytes; both arrays begin at a multiple of four in their buffers
 */
export function writeUpright(
  pixels: Uint8Array,
  { width, height }: Size,
  orientation: number,
  upright: Uint8Array,
): void {
  const from = new Uint32Array(pixels.buffer, pixels.byteOffset, width * height);
  const to = new Uint32Array(upright.buffer, upright.byteOffset, width * height);
  const [fromRight, fromBottom] = [FROM_RIGHT.has(orientation), FROM_BOTTOM.has(orientation)];
  const [across, down] = TRANSPOSED.has(orientation) ? [height, 1] : [1, width];
  for (let row = 0; row < height; row += 1) {
    const y = fromBottom ? height - 1 - row : row;
    for (let column = 0; column < width; column += 1) {
      const x = fromRight ? width - 1 - column : column;
      to[x * across + y * down] = from[row * width + column] ?? 0;
    }
  }
}
