import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RECIPE, parseRecipe } from '../../../src/core/recipe.ts';
import { renditionSchema } from '../../../src/core/rendition.ts';
import { deadlineIn } from '../../../src/worker/conversion/image/limits.ts';
import { drawPage } from '../../../src/worker/conversion/image/pdf/draw.ts';
import { createOptionalLibrary } from '../../../src/worker/conversion/image/wasm/optional-library.ts';
import { sniff } from '../../../src/worker/conversion/sniff.ts';
import { convertImage } from '../../support/convert-image.ts';
import { annotated, page } from '../../support/formats/pdf.ts';
import { pdf } from '../../support/pdf.ts';
import { pixelAt, rendered } from '../../support/rendered.ts';

const limits = { ...DEFAULT_RECIPE.limits, deadline: deadlineIn(600) };
const [RED, GREEN, WHITE] = [
  [255, 0, 0, 255],
  [0, 255, 0, 255],
  [255, 255, 255, 255],
];

/** An inch wide, half an inch high: 300 × 150 pixels. Its lower half has the color. */
const inch = (color = '1 0 0') => ({ width: 72, height: 36, color });

async function sizesOf(source: Uint8Array, ...renditions: object[]) {
  const named = renditions.map((rendition, index) => ({ name: `r${index}`, format: 'png', ...rendition }));
  const results = await convertImage(source, parseRecipe(JSON.stringify({ renditions: named })), 'stamp');
  return results
    .toSorted((a, b) => a.rendition.localeCompare(b.rendition))
    .map(({ width, height }) => `${width} × ${height}`);
}

describe('a page of a PDF', () => {
  it('has 300 pixels per inch as its original size', async () => {
    expect(await sizesOf(pdf([{ width: 612, height: 792 }]), {})).toEqual(['2550 × 3300']);
    expect(
      await sizesOf(
        pdf([inch()]),
        { width: 1000 },
        { width: 1000, enlarge: true },
        { width: 100, height: 100, fit: 'cover' },
        { width: 40, rotate: 90 },
        { width: 150, trim: 10 },
      ),
    ).toEqual(['300 × 150', '1000 × 500', '100 × 100', '40 × 80', '150 × 38']);
  });

  it('has the same size without its border if another rendition needs it larger or distorted', async () => {
    expect(
      await sizesOf(
        pdf([inch()]),
        { trim: 10 },
        { width: 150, trim: 10 },
        { width: 90, height: 1000, fit: 'fill', enlarge: true },
      ),
    ).toEqual(['300 × 75', '150 × 38', '90 × 1000']);
  });

  it.each([
    ['alone', []],
    ['with others', [{ name: 'small', width: 10 }]],
  ])('is drawn at the size of its largest rendition, %s, not enlarged', async (_what, others) => {
    // A black bar of a third of a pixel of the original size.
    const source = pdf([{ ...inch(), drawing: '36 0 0.08 36 re f' }]);
    const recipe = { renditions: [{ name: 'big', width: 9000, enlarge: true, format: 'png' }, ...others] };
    const results = await convertImage(source, parseRecipe(JSON.stringify(recipe)), 'stamp');
    const big = results.find(({ rendition }) => rendition === 'big');
    const row = await sharp(big?.bytes)
      .extract({ left: 0, top: 2000, width: 9000, height: 1 })
      .greyscale()
      .raw()
      .toBuffer();
    // Of 10 pixels, those at the edges may be grey.
    expect(row.filter((value) => value < 10).byteLength).toBeGreaterThanOrEqual(8);
    expect(row.filter((value) => value < 250).byteLength).toBeLessThanOrEqual(12);
  });

  it('is the one that the rendition names', async () => {
    const source = pdf([inch('1 0 0'), inch('0 1 0')]);
    const bottom = async (rendition: object) =>
      pixelAt(await rendered(source, { format: 'png', ...rendition }), 5, -5);
    expect(await bottom({})).toEqual(RED);
    expect(await bottom({ page: 2 })).toEqual(GREEN);
    await expect(rendered(source, { page: 3 })).rejects.toMatchObject({
      code: 'image.no_such_page',
      message: 'the recipe asks for page 3, but the image has 2 pages',
    });
  });

  it('lacks an annotation that is not printed', async () => {
    const right = async (flags: number) =>
      pixelAt(await rendered(annotated('/Subtype /Stamp', {}, flags), { format: 'png' }), 48, 16);
    expect(await right(0)).toEqual(WHITE);
    expect(await right(4)).not.toEqual(WHITE);
  });

  it('is the same bytes again', async () => {
    const recipe = parseRecipe('{"renditions":[{"name":"a"},{"name":"b","width":16,"format":"png"}]}');
    const make = async () => (await convertImage(pdf([page()]), recipe, 'stamp')).map(({ bytes }) => bytes);
    expect(await make()).toEqual(await make());
  });
});

describe('a PDF', () => {
  const wanted = (rendition: object = {}) => ({
    page: 1,
    renditions: [renditionSchema.parse({ name: 'a', ...rendition })],
  });

  it('of huge pages is drawn at the size of its renditions, and refused if that has too many pixels', async () => {
    const source = pdf([{ width: 14_400, height: 14_400 }]);
    const { pixels, size } = await drawPage(source, limits, wanted({ width: 100 }));
    expect([pixels.width, pixels.height, size.width]).toEqual([100, 100, 60_000]);
    await expect(drawPage(source, limits, wanted())).rejects.toMatchObject({
      code: 'image.too_many_pixels',
      message: 'the image has 3,600,000,000 pixels (60000 × 60000); the recipe allows 100,000,000',
    });
  });

  it('that needs more memory than the limit of pixels allows is refused, not drawn in part', async () => {
    const drawing = deflateSync(Buffer.concat([Buffer.from('0 0 9 9 re f'), Buffer.alloc(200_000_000, ' ')]));
    const source = pdf([{ ...inch(), drawing, drawingEntries: '/Filter /FlateDecode' }]);
    expect(source.byteLength).toBeLessThan(250_000);
    await expect(
      drawPage(source, { ...limits, pixels: 100_000 }, wanted({ width: 10 })),
    ).rejects.toMatchObject({
      code: 'image.too_many_pixels',
      message: expect.stringMatching(/more memory than the 100,000 pixels/),
    });
  });

  it('says which package is missing if its optional decoder is not installed', async () => {
    const { load } = createOptionalLibrary({
      format: 'PDF',
      packageName: 'a-pdf-decoder',
      library: 'a-pdf-decoder/index.cjs',
      wasm: 'a-pdf-decoder/pdfium.wasm',
    });
    await expect(load()).rejects.toMatchObject({
      code: 'image.unsupported_format',
      message:
        'the image is PDF, and the optional package a-pdf-decoder, which decodes it, is not installed: ' +
        'run `npm install a-pdf-decoder`, or deploy with it, and redrive',
    });
  });

  it('that PDFium never finishes ends with conversion.timeout', async () => {
    const tile =
      '/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 9 9] /XStep 10 /YStep 0 /Resources << >>';
    const endless = pdf(
      [
        {
          ...inch(),
          drawing: Buffer.from('/Pattern cs /P scn 0 0 72 36 re f'),
          entries: '/Resources << /Pattern << /P 100 0 R >> >>',
        },
      ],
      { objects: [{ entries: tile, content: Buffer.from('1 0 0 rg 0 0 5 5 re f') }] },
    );
    await expect(drawPage(endless, { ...limits, deadline: deadlineIn(1) }, wanted())).rejects.toMatchObject({
      code: 'conversion.timeout',
    });
  });

  it('is recognized by its signature in the first 1,024 bytes, unless they are of another format', async () => {
    const after = (before: Buffer) => sniff(Buffer.concat([before, pdf([inch()])]));
    expect(await after(Buffer.alloc(1019, 'x'))).toBe('application/pdf');
    expect(await after(Buffer.alloc(1020, 'x'))).toBeUndefined();
    expect(await after(Buffer.from('GIF89a'))).toBe('image/gif');
  });
});
