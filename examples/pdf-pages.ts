import { PDFiumLibrary, type PDFiumDocument } from '@hyzyla/pdfium';
import {
  defineConversion,
  imageExtensions,
  imageRenditionsSchema,
  Rejected,
  type Pixels,
  type Rendition,
} from 'millrace/config';
import * as z from 'zod';

/**
 * Renders images of a PDF's first page, or of its first pages in one image, one below the other. There is not one
 * result per page, because an upload's renditions cannot depend on its contents and a document may have fewer pages.
 */

const optionsSchema = z.strictObject({
  /** Number of pages in an image. A document with fewer pages shows all of them. */
  pages: z.int().min(1).max(20).default(1),
  /** As in a recipe. */
  renditions: imageRenditionsSchema.prefault([{ name: 'page', width: 1600 }]),
});

/** 50 megapixels take 200 MB. */
const MOST_PIXELS = 50_000_000;
const DEFAULT_WIDTH = 1600;

export const pdfPages = defineConversion({
  name: 'pdf',
  accepts: ['application/pdf'],
  stamped: true,
  options: optionsSchema,
  renditions: ({ renditions }) => renditions.map(({ name }) => name),
  extension: (rendition, { renditions }) => imageExtensions(renditions)[rendition],
  async convert({ source, options, renditions, renderImage }) {
    const content = await source.content();
    const wanted = options.renditions.filter(({ name }) => renditions.includes(name));
    // Each document gets an instance of the library, so that none can affect the next.
    const document = await open(await PDFiumLibrary.init(), content);
    return renderImage(await draw(document, options.pages, wanted), wanted);
  },
});

async function open(library: PDFiumLibrary, content: Uint8Array): Promise<PDFiumDocument> {
  try {
    return await library.loadDocument(content);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (/password|security/i.test(text)) throw new Rejected('pdf.encrypted', 'it needs a password');
    throw corrupt(text);
  }
}

/** Draws the first pages, all with the same width and at least as large as the renditions require. */
async function draw(document: PDFiumDocument, most: number, wanted: readonly Rendition[]): Promise<Pixels> {
  const count = Math.min(most, document.getPageCount());
  if (count === 0) throw new Rejected('pdf.no_pages', 'it has no pages');
  const pages = Array.from({ length: count }, (_, index) => document.getPage(index));
  const shapes = pages.map((page) => {
    const { originalWidth, originalHeight } = page.getOriginalSize();
    if (!(originalWidth > 0 && originalHeight > 0)) throw corrupt('a page has no size');
    return originalHeight / originalWidth;
  });
  const width = widthFor(shapes[0] ?? 1, wanted);
  const heights = shapes.map((shape) => Math.max(1, Math.round(width * shape)));
  const height = heights.reduce((sum, each) => sum + each, 0);
  if (width * height > MOST_PIXELS)
    throw new Rejected('pdf.too_large', `its pages would have ${width} × ${height} pixels`);
  try {
    const data: Uint8Array[] = [];
    for (const [index, page] of pages.entries())
      data.push((await page.render({ render: 'bitmap', width, height: heights[index] ?? 1 })).data);
    return { data: Buffer.concat(data), width, height, channels: 4 };
  } catch (error) {
    // WebAssembly's name for a crash of the library.
    if (error instanceof Error && error.name === 'RuntimeError') throw corrupt(error.message);
    throw error;
  }
}

/** @param shape the height of a page with width 1 */
function widthFor(shape: number, wanted: readonly Rendition[]): number {
  const widths = wanted.map((rendition) => Math.max(rendition.width ?? 0, (rendition.height ?? 0) / shape));
  return Math.ceil(Math.max(...widths)) || DEFAULT_WIDTH;
}

function corrupt(what: string): Rejected {
  return new Rejected('pdf.corrupt', `it cannot be read: ${what}`);
}
