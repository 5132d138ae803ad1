import { describe, expect, it } from 'vitest';
import { encoderFields } from '../../src/core/encoder-options.ts';
import { parseDeployedRecipe, parseRecipe, recipeId } from '../../src/core/recipe.ts';
import { renditionMistakes as mistakes } from '../support/rendered.ts';

const recipe = (rendition: object) => JSON.stringify({ renditions: [{ name: 'web', ...rendition }] });
const idOf = (rendition: object) => recipeId(parseRecipe(recipe(rendition)));

const NOT_WITH_KEPT = 'leave it out, or keepSmaller: a kept upload is not changed';

const GIVEN = [
  { format: 'jpeg', progressive: true },
  { format: 'png', progressive: true },
  { format: 'jpeg', mozjpeg: true },
  { format: 'jpeg', chromaSubsampling: '4:4:4' },
  { format: 'avif', chromaSubsampling: '4:4:4' },
  { format: 'webp', lossless: true },
  { format: 'webp', lossless: 'smaller', quality: 60 },
  { format: 'webp', lossless: 'auto', quality: 60 },
  { format: 'avif', lossless: true },
  { format: 'webp', nearLossless: true },
  { format: 'png', palette: true },
  { format: 'png', palette: true, colors: 16 },
  { format: 'png', palette: true, quality: 50 },
  { format: 'png', compressionLevel: 9 },
  { format: 'webp', maxBytes: 50_000 },
  { format: 'jpeg', keepSmaller: true },
  { format: 'avif', keepSmaller: true },
];

describe('an encoder option', () => {
  it.each(GIVEN)(
    '%j gives the recipe another id, which its canonical form keeps',
    ({ format, ...options }) => {
      expect(idOf({ format, ...options })).not.toBe(idOf({ format }));
      const { renditions } = parseRecipe(recipe({ format, ...options }));
      expect(renditions[0]).toMatchObject(options);
      expect(parseDeployedRecipe(JSON.stringify({ renditions })).renditions).toEqual(renditions);
    },
  );

  it.each([
    { format: 'jpeg', progressive: false },
    { format: 'jpeg', mozjpeg: false },
    { format: 'jpeg', chromaSubsampling: '4:2:0' },
    { format: 'webp', lossless: false, quality: 72 },
    { format: 'webp', nearLossless: false },
    { format: 'png', palette: false },
    { format: 'png', compressionLevel: 6 },
    { format: 'jpeg', keepSmaller: false },
  ])('that states the default, as in %j, leaves the id as it was', ({ format, ...options }) => {
    expect(idOf({ format, ...options })).toBe(idOf({ format }));
  });

  it('identifies a recipe whatever the order in which options are written', () => {
    const options = { progressive: true, mozjpeg: true };
    expect(idOf({ format: 'jpeg', ...options })).toBe(
      idOf({ mozjpeg: true, format: 'jpeg', progressive: true }),
    );
  });

  it.each([
    [{ format: 'webp', mozjpeg: true }, 'mozjpeg: is for jpeg, and the format is webp'],
    [{ format: 'jpeg', lossless: true }, 'lossless: is for webp and avif, and the format is jpeg'],
    [{ format: 'avif', nearLossless: true }, 'nearLossless: is for webp, '],
    [{ format: 'webp', progressive: true }, 'progressive: is for jpeg and png'],
    [{ format: 'png', chromaSubsampling: '4:4:4' }, 'chromaSubsampling: is for jpeg and avif'],
    [{ format: 'jpeg', palette: true }, 'palette: is for png'],
    [{ format: 'webp', colors: 16 }, 'colors: is for png'],
    [{ format: 'avif', compressionLevel: 1 }, 'compressionLevel: is for png'],
    [{ format: 'png', colors: 16 }, 'colors: is for a palette: add "palette": true'],
    [{ format: 'png', quality: 90 }, 'quality: PNG is lossless without a palette: leave it out'],
    [{ lossless: true, quality: 90 }, 'quality: leave it out, or lossless: a lossless image has no quality'],
    [{ lossless: 'smaller', nearLossless: true }, 'nearLossless: leave it out, or lossless'],
    [{ lossless: 'auto', nearLossless: true }, 'nearLossless: leave it out, or lossless'],
    [{ lossless: 'larger' }, 'lossless: '],
    [{ lossless: true, nearLossless: true }, 'nearLossless: leave it out, or lossless'],
    [
      { format: 'avif', lossless: true, chromaSubsampling: '4:2:0' },
      'chromaSubsampling: leave it out, or lossless',
    ],
    [{ format: 'jpeg', chromaSubsampling: '4:1:1' }, 'chromaSubsampling: '],
    [{ format: 'jpeg', progressive: 'yes' }, 'progressive: '],
    [{ format: 'png', palette: true, colors: 8 }, 'colors: '],
    [{ format: 'png', palette: true, colors: 1 }, 'colors: '],
    [{ format: 'png', compressionLevel: 10 }, 'compressionLevel: '],
    [{ format: 'png', maxBytes: 50_000 }, 'maxBytes: is for jpeg, webp and avif, and the format is png'],
    [{ lossless: true, maxBytes: 50_000 }, 'maxBytes: leave it out, or lossless'],
    [{ format: 'avif', keepSmaller: true, lossless: true }, `lossless: ${NOT_WITH_KEPT}`],
    [{ format: 'jpeg', keepSmaller: true, rotate: 90 }, `rotate: ${NOT_WITH_KEPT}`],
    [{ format: 'jpeg', keepSmaller: true, trim: 0 }, `trim: ${NOT_WITH_KEPT}`],
    [{ format: 'source', animated: false, keepSmaller: true, trim: 10 }, `trim: ${NOT_WITH_KEPT}`],
    [{ format: 'jpeg', keepSmaller: true, watermark: { image: 'a.png' } }, `watermark: ${NOT_WITH_KEPT}`],
    [{ format: 'jpeg', keepSmaller: true, progressive: true }, `progressive: ${NOT_WITH_KEPT}`],
    [
      { format: 'jpeg', keepSmaller: true, chromaSubsampling: '4:4:4' },
      `chromaSubsampling: ${NOT_WITH_KEPT}`,
    ],
    [{ format: 'png', keepSmaller: true, palette: true }, `palette: ${NOT_WITH_KEPT}`],
    [{ keepSmaller: true, lossless: true }, `lossless: ${NOT_WITH_KEPT}`],
    [{ keepSmaller: true, nearLossless: true }, `nearLossless: ${NOT_WITH_KEPT}`],
    [{ maxBytes: 999 }, 'maxBytes: '],
    [{ maxBytes: '50 kB' }, 'maxBytes: '],
  ])('that makes no sense, as in %j, is refused with its path', (rendition, message) => {
    expect(mistakes(rendition)).toContain(`renditions[0].${message}`);
  });

  it('is never refused for the format of the source, of which it is for some', () => {
    const all = {
      progressive: true,
      mozjpeg: true,
      lossless: true,
      palette: true,
      colors: 4,
      maxBytes: 1e6,
      quality: 50,
      keepSmaller: true,
    };
    expect(mistakes({ format: 'source', ...all })).toBe('');
  });

  it.each([
    { format: 'jpeg', quality: 90, effort: 9, mozjpeg: true, maxBytes: 50_000, sharpen: 1 },
    { format: 'jpeg', progressive: false, chromaSubsampling: '4:2:0', background: '#ffffff' },
    { format: 'png', compressionLevel: 9 },
    { format: 'webp', lossless: 'auto' },
    { format: 'webp', lossless: 'smaller' },
    { format: 'avif', quality: 60 },
    { format: 'webp', width: 100, height: 100, fit: 'cover', placeholder: 'color' },
  ])('is accepted beside keepSmaller if an upload can be kept, as in %j', (rendition) => {
    expect(mistakes({ ...rendition, keepSmaller: true })).toBe('');
  });

  it('is accepted in PNG if it is the quality that earlier versions wrote into every recipe', () => {
    expect(mistakes({ format: 'png', quality: 72 })).toBe('');
  });

  it('is in every list of this test', () => {
    const named = new Set(GIVEN.flatMap((each) => Object.keys(each)));
    expect(Object.keys(encoderFields).filter((name) => !named.has(name))).toEqual([]);
  });
});
