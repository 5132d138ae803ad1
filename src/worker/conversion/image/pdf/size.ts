import { geometryOf, type Size } from '../../../../core/geometry.ts';
import type { Rendition } from '../../../../core/rendition.ts';

/** Points per inch. https://opensource.adobe.com/dc-acrobat-sdk-docs/pdfstandards/PDF32000_2008.pdf, section 8.3.2.3 */
const POINTS = 72;
/** Pixels per inch of a page's original size: a sharp print or a good scan (docs/adr/0043). */
const PIXELS = 300;

/** Returns the original size of a page, by which renditions are sized, in pixels. */
export function originalSize({ width, height }: Size): Size {
  const pixels = (points: number) => Math.max(1, Math.round((points * PIXELS) / POINTS));
  return { width: pixels(width), height: pixels(height) };
}

/** Returns the size at which a page is drawn: from it, every rendition can be made by shrinking. */
export function drawnSize(original: Size, renditions: readonly Rendition[]): Size {
  const sizes = renditions.map((rendition) => {
    // What is left without the border is known only once it is drawn.
    if (rendition.trim !== undefined) return original;
    const { scaled } = geometryOf(original, rendition);
    const isTurned = rendition.rotate === 90 || rendition.rotate === 270;
    return isTurned ? { width: scaled.height, height: scaled.width } : scaled;
  });
  return {
    width: Math.max(...sizes.map(({ width }) => width)),
    height: Math.max(...sizes.map(({ height }) => height)),
  };
}
