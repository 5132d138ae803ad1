import type { Pixels } from '../../../core/conversion.ts';
import type { Rendition } from '../../../core/rendition.ts';
import type { ImageLimits } from './limits.ts';
import { isAnimated } from './encode.ts';
import { noSuchPage } from './no-such-page.ts';
import { ofPixels, openImage } from './open.ts';
import type { ImageResult } from './render-one.ts';
import { keepsIcc, render } from './render.ts';

/**
 * Makes all renditions of an image: opens each page that one of them is made from.
 * @param contentType as sniffed
 * @throws Rejected
 */
export async function renderPages(
  image: Uint8Array | Pixels,
  contentType: string | undefined,
  renditions: readonly Rendition[],
  limits: ImageLimits,
  stamp: string,
): Promise<ImageResult[]> {
  // The only animation whose renditions in the source's format are stills.
  const source = contentType === 'image/apng' ? 'png' : 'gif';
  const animates = (rendition: Rendition) => isAnimated(rendition, source);
  const results: ImageResult[] = [];
  for (const page of new Set(renditions.map(pageOf))) {
    const ofPage = renditions.filter((rendition) => pageOf(rendition) === page);
    const opened =
      image instanceof Uint8Array
        ? await openImage(image, contentType, limits, {
            page,
            animated: ofPage.some(animates),
            renditions: ofPage,
          })
        : ofPixels(image);
    if ((opened.inspected.page ?? 1) !== page) throw noSuchPage(page, 1);
    for (const keeps of new Set(ofPage.map(keepsIcc))) {
      const made = ofPage.filter((rendition) => keepsIcc(rendition) === keeps);
      results.push(...(await render(opened.image, opened.inspected, made, limits, stamp)));
    }
  }
  return results;
}

function pageOf({ page = 1 }: Rendition): number {
  return page;
}
