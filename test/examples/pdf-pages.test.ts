import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { pdfPages } from '../../examples/pdf-pages.ts';
import { converting } from '../support/converting.ts';
import { pdf } from '../support/pdf.ts';

const convert = converting();
let count = 0;

function convertFile(body: string | Uint8Array, options = {}) {
  count += 1;
  return convert({ conversions: [{ conversion: pdfPages, options }] }, `${count}.pdf`, body);
}

const RED = { width: 200, height: 100, color: '1 0 0' };
const BLUE = { width: 100, height: 100, color: '0 0 1' };

/** Returns an image's colors at half its width and these heights, as letters for red, green, blue and white. */
async function colorsOf(image: Uint8Array | undefined, heights: readonly number[]): Promise<string> {
  const { data, info } = await sharp(image).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return heights
    .map((height) => {
      const at = (Math.floor(info.height * height) * info.width + Math.floor(info.width / 2)) * info.channels;
      const [red = 0, , blue = 0] = data.subarray(at, at + 3);
      if (red > 200) return blue > 200 ? 'white' : 'red';
      return blue > 200 ? 'blue' : 'other';
    })
    .join();
}

describe('a PDF', () => {
  it('becomes an image of its first page, with the stamp', async () => {
    const { results } = await convertFile(pdf([RED, BLUE]));
    expect(results[0]).toMatchObject({
      contentType: 'image/webp',
      metadata: { rendition: 'page', width: '1600', height: '800' },
    });
    expect(await colorsOf(results[0]?.bytes, [0.25, 0.75])).toBe('white,red');
    const { xmp } = await sharp(results[0]?.bytes).metadata();
    expect(xmp?.toString()).toContain(results[0]?.metadata['stamp']);
  });

  it('has the same renditions as images', async () => {
    const renditions = [
      { name: 'large', width: 1000, height: 1000, format: 'png' },
      { name: 'thumb', width: 64, height: 64, fit: 'cover', format: 'jpeg' },
    ];
    const { results } = await convertFile(pdf([RED]), { renditions });
    expect(
      results.map((result) => [result?.contentType, result?.metadata['width'], result?.metadata['height']]),
    ).toEqual([
      ['image/png', '1000', '500'],
      ['image/jpeg', '64', '64'],
    ]);
    expect(await colorsOf(results[1]?.bytes, [0.1, 0.9])).toBe('white,red');
  });

  it.each([2, 3])('of two pages shows both, one below the other, if %i are requested', async (pages) => {
    const { results } = await convertFile(pdf([RED, BLUE]), {
      pages,
      renditions: [{ name: 'page', width: 100 }],
    });
    // 100 × 50 and 100 × 100.
    expect(results[0]?.metadata).toMatchObject({ width: '100', height: '150' });
    expect(await colorsOf(results[0]?.bytes, [0.1, 0.25, 0.5, 0.9])).toBe('white,red,white,blue');
  });

  it.each([
    ['pdf.encrypted', 'it needs a password', pdf([RED], { needsPassword: true })],
    ['pdf.corrupt', 'it cannot be read: File not in PDF format or corrupted', '%PDF-1.4 nothing else'],
    ['pdf.no_pages', 'it has no pages', pdf([])],
    [
      'pdf.too_large',
      'its pages would have 1600 × 160000 pixels',
      pdf([{ ...RED, width: 10, height: 1000 }]),
    ],
    [
      'source.not_accepted',
      'the content is of an unknown format, which the conversion pdf does not accept',
      'a,b',
    ],
  ])('fails with %s: %s', async (code, message, body) => {
    const { results, report } = await convertFile(body);
    expect(report).toMatchObject({ status: 'failed', code, message: expect.stringContaining(message) });
    expect(results).toEqual([undefined]);
  });
});
