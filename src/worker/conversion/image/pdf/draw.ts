import type { Pixels } from '../../../../core/conversion.ts';
import { Rejected } from '../../../../core/errors.ts';
import { neededSize, type Size } from '../../../../core/geometry.ts';
import { checkPixels, grouped } from '../check-pixels.ts';
import { corrupt } from '../corrupt.ts';
import type { ImageLimits } from '../limits.ts';
import { noSuchPage } from '../no-such-page.ts';
import type { Wanted } from '../opened.ts';
import { inThread } from '../wasm/in-thread.ts';
import { createOptionalLibrary } from '../wasm/optional-library.ts';
import { originalSize } from './size.ts';
import { drawInThread, type Answer, type Measured, type Order } from './thread.ts';

const pdfium = createOptionalLibrary({
  format: 'PDF',
  packageName: '@hyzyla/pdfium',
  library: '@hyzyla/pdfium/dist/index.cjs',
  wasm: '@hyzyla/pdfium/pdfium.wasm',
});

/** For PDFium itself and what it builds of the file. */
const BASE_MEMORY = 64 * 1024 ** 2;
/** For the images in a page, which can be larger than the page is drawn. */
const BYTES_PER_ALLOWED_PIXEL = 4;

/** A page that is drawn. */
export interface Drawn {
  pixels: Pixels;
  /** The original size of the page, by which renditions are sized. */
  size: Size;
}

/**
 * Draws a page of a PDF at the size that its renditions need.
 * @throws Rejected
 */
export async function drawPage(
  bytes: Uint8Array,
  limits: ImageLimits,
  { page, renditions }: Pick<Wanted, 'page' | 'renditions'>,
): Promise<Drawn> {
  const maxMemory = BASE_MEMORY + 2 * bytes.byteLength + BYTES_PER_ALLOWED_PIXEL * limits.pixels;
  const workerData: Order = { bytes, ...(await pdfium.load()), page, maxMemory };
  let sizes: { original: Size; drawn: Size } | undefined;
  const reply = (said: Answer | Measured) => {
    if (!('points' in said)) return undefined;
    const original = originalSize(said.points);
    const drawn = neededSize(original, renditions);
    checkPixels(drawn, 1, limits);
    sizes = { original, drawn };
    return drawn;
  };
  const { deadline } = limits;
  const answer = await inThread({ program: drawInThread, workerData, name: 'PDFium', deadline, reply });
  if ('pages' in answer) throw noSuchPage(page, answer.pages);
  if ('needsPassword' in answer) throw pdfium.unsupported('it cannot be opened without a password');
  if ('needsMemory' in answer) throw tooMuchMemory(limits);
  if ('damaged' in answer) throw corrupt(answer.damaged);
  if (!('data' in answer) || sizes === undefined) throw new Error('expected pixels of a PDF');
  return { pixels: { data: answer.data, ...sizes.drawn, channels: 3 }, size: sizes.original };
}

function tooMuchMemory({ pixels }: Pick<ImageLimits, 'pixels'>): Rejected {
  return new Rejected(
    'image.too_many_pixels',
    `the page has images or drawings that need more memory than the ${grouped(pixels)} pixels allow that the recipe sets as the limit`,
  );
}
