import sharp from 'sharp';
import { expect } from 'vitest';
import { redAndBlue, showsHalves, showsRedAndBlue, BLUE, RED, type FormatCase } from './format-case.ts';
import { pdf, type Options, type Page } from '../pdf.ts';

/** Of a page of 64 × 32 pixels at 300 per inch, in points. */
const [WIDTH, HEIGHT] = [15.36, 7.68];
const HALF = WIDTH / 2;

/** Red on the left, blue on the right. */
const HALVES = `1 0 0 rg 0 0 ${HALF} ${HEIGHT} re f 0 0 1 rg ${HALF} 0 ${HALF} ${HEIGHT} re f`;
const RED_HALF = `1 0 0 rg 0 0 ${HALF} ${HEIGHT} re f`;
const BLUE_BOX = `0 0 1 rg 0 0 ${HALF} ${HEIGHT} re f`;

export const page = (more: Partial<Page> = {}): Page => ({
  width: WIDTH,
  height: HEIGHT,
  drawing: HALVES,
  ...more,
});

const shown = (
  feature: string,
  make: () => Buffer | Promise<Buffer>,
  shows = showsRedAndBlue,
): FormatCase => ({
  format: 'PDF',
  feature,
  make,
  expected: { shows },
});

/** A form object: what a widget or an annotation looks like. */
const appearance = (drawing: string) => ({
  entries: `/Type /XObject /Subtype /Form /BBox [0 0 ${HALF} ${HEIGHT}]`,
  content: Buffer.from(drawing),
});

const RIGHT = `[${HALF} 0 ${WIDTH} ${HEIGHT}]`;

/** Of an annotation that is printed. */
const PRINTED = 4;

/** A page whose right half is an annotation. */
export function annotated(annotation: string, options: Options = {}, flags = PRINTED): Buffer {
  return pdf([page({ drawing: RED_HALF, entries: '/Annots [100 0 R]' })], {
    ...options,
    objects: [
      `<< /Type /Annot ${annotation} /Rect ${RIGHT} /F ${flags} /AP << /N 101 0 R >> >>`,
      appearance(BLUE_BOX),
    ],
  });
}

/** A page whose drawing is an image. */
async function withImage(image: 'jpeg' | 'flate'): Promise<Buffer> {
  const picture = redAndBlue();
  const content = await (image === 'jpeg' ? picture.jpeg() : picture.removeAlpha().raw()).toBuffer();
  const filter = image === 'jpeg' ? '/Filter /DCTDecode' : '';
  return pdf(
    [
      page({
        drawing: `${WIDTH} 0 0 ${HEIGHT} 0 0 cm /I Do`,
        entries: '/Resources << /XObject << /I 100 0 R >> >>',
      }),
    ],
    {
      objects: [
        {
          entries: `/Type /XObject /Subtype /Image /Width 64 /Height 32 /ColorSpace /DeviceRGB /BitsPerComponent 8 ${filter}`,
          content,
        },
      ],
    },
  );
}

/** A page with a word in a font that is not in the file. */
export function withText(font: string): Buffer {
  return pdf([
    page({
      width: 120,
      height: 40,
      drawing: 'BT /F 24 Tf 10 10 Td (Millrace) Tj ET',
      entries: `/Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /${font} >> >> >>`,
    }),
  ]);
}

/** Black on white, and no more black than a word has. */
async function showsText({ bytes }: { bytes: Uint8Array }): Promise<void> {
  const { channels } = await sharp(bytes).greyscale().stats();
  expect(channels[0]).toMatchObject({ min: expect.closeTo(0, -1), max: 255 });
  expect(channels[0]?.mean).toBeGreaterThan(180);
  expect(channels[0]?.mean).toBeLessThan(250);
}

export const PDF: readonly FormatCase[] = [
  shown('drawings', () => pdf([page()])),
  shown('several pages: the first, or the one that the rendition names', () =>
    pdf([page(), page({ drawing: '' })]),
  ),
  shown('JPEG in a page', () => withImage('jpeg')),
  shown('image without compression in a page', () => withImage('flate')),
  shown("the page's rotation", () => pdf([page({ entries: '/Rotate 180' })]), showsHalves(BLUE, RED)),
  shown('the crop box', () =>
    pdf([
      page({
        width: 3 * WIDTH,
        entries: `/CropBox [${WIDTH} 0 ${2 * WIDTH} ${HEIGHT}]`,
        drawing: `1 0 0 1 ${WIDTH} 0 cm ${HALVES}`,
      }),
    ]),
  ),
  shown('annotation that is printed', () => annotated('/Subtype /Stamp')),
  shown('field of a form', () =>
    annotated('/Subtype /Widget /FT /Tx /T (name)', {
      catalog: '/AcroForm << /Fields [100 0 R] >>',
    }),
  ),
  shown('text in a standard font', () => withText('Helvetica'), showsText),
  {
    ...shown('text in a font that is not embedded', () => withText('Garamond-Unknown'), showsText),
    expected: { shows: showsText, loss: "the font's own shapes" },
  },
  {
    format: 'PDF',
    feature: 'Chinese text in a font that is not embedded',
    make: () =>
      pdf(
        [
          page({
            drawing: `${HALVES} BT /F 6 Tf 1 1 Td <4e2d6587> Tj ET`,
            entries: '/Resources << /Font << /F 100 0 R >> >>',
          }),
        ],
        {
          objects: [
            '<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [101 0 R] >>',
            '<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>',
          ],
        },
      ),
    expected: { shows: showsRedAndBlue, loss: 'the text' },
  },
  shown('encrypted, with restrictions but without a password', () => pdf([page()], { isRestricted: true })),
  shown('up to 1,019 bytes before the header', () => Buffer.concat([Buffer.alloc(1019, 'x'), pdf([page()])])),
  {
    format: 'PDF',
    feature: 'in the format `source`, which makes a PNG',
    make: () => pdf([page()]),
    expected: {
      to: 'source',
      shows: async (result) => {
        expect(result.contentType).toBe('image/png');
        await showsRedAndBlue(result);
      },
    },
  },
  {
    format: 'PDF',
    feature: 'needs a password',
    make: () => pdf([page()], { needsPassword: true }),
    expected: {
      refused: 'image.unsupported_format',
      because: /^the image is PDF, and it cannot be opened without a password$/,
    },
  },
  {
    format: 'PDF',
    feature: 'without pages',
    make: () => pdf([]),
    expected: { refused: 'image.corrupt', because: /it has no pages/ },
  },
  {
    format: 'PDF',
    feature: 'cut off before its first page',
    make: () => pdf([page()]).subarray(0, 100),
    expected: { refused: 'image.corrupt', because: /could not be decoded/ },
  },
];
