import type { Size } from '../../../../core/geometry.ts';

/** Points per inch. https://opensource.adobe.com/dc-acrobat-sdk-docs/pdfstandards/PDF32000_2008.pdf, section 8.3.2.3 */
const POINTS = 72;
/** Pixels per inch of a page's original size: a sharp print or a good scan (docs/adr/0043). */
const PIXELS = 300;

/** Returns the original size of a page, by which renditions are sized, in pixels. */
export function originalSize({ width, height }: Size): Size {
  const pixels = (points: number) => Math.max(1, Math.round((points * PIXELS) / POINTS));
  return { width: pixels(width), height: pixels(height) };
}
