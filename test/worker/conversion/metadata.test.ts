import sharp, { type Exif } from 'sharp';
import { describe, expect, it } from 'vitest';
import { parseRecipe } from '../../../src/core/recipe.ts';
import { readExif } from '../../../src/worker/conversion/image/metadata/exif.ts';
import { keptOf } from '../../../src/worker/conversion/image/metadata/kept.ts';
import { describedBy } from '../../../src/worker/conversion/image/metadata/read.ts';
import { convertImage } from '../../support/convert-image.ts';
import { exifBytes } from '../../support/exif.ts';
import { heic } from '../../support/formats/heic.ts';
import { cases, fc } from '../../support/fuzz.ts';
import * as images from '../../support/images.ts';
import { sensorOf } from '../../support/formats/raw.ts';
import { tiffFile } from '../../support/tiff-file.ts';
import { rendered } from '../../support/rendered.ts';

const ALL = ['copyright', 'creator', 'date', 'description', 'position'];

const EXIF: Exif = {
  IFD0: {
    Copyright: '(C) Jane Doe',
    Artist: 'Jane Doe',
    ImageDescription: 'A "dog" & <cat>',
    Software: 'Editor 1.0',
    Make: 'Camera',
  },
  IFD2: { DateTimeOriginal: '2024:02:29 23:59:58', OffsetTimeOriginal: '+09:00', BodySerialNumber: '4711' },
  IFD3: {
    GPSLatitudeRef: 'N',
    GPSLatitude: '51/1 30/1 3230/100',
    GPSLongitudeRef: 'W',
    GPSLongitude: '0/1 7/1 4366/100',
    GPSAltitude: '99/1',
  },
};

const blank = () => sharp({ create: { width: 40, height: 20, channels: 3, background: '#a52a2a' } });

async function photo(format: 'jpeg' | 'png' | 'webp' | 'avif' = 'jpeg'): Promise<Buffer> {
  return blank().withExif(EXIF).toFormat(format).toBuffer();
}

/** A JPEG with EXIF data that sharp would not write. */
async function withExif(exif: Uint8Array, image = blank()): Promise<Buffer> {
  const jpeg = await image.jpeg().toBuffer();
  const segment = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), exif]);
  const head = Buffer.of(0xff, 0xe1, (segment.length + 2) >> 8, (segment.length + 2) & 0xff);
  return Buffer.concat([jpeg.subarray(0, 2), head, segment, jpeg.subarray(2)]);
}

/** Returns the EXIF data of a result as text, and its XMP. */
async function metadataOf(result: Uint8Array): Promise<{ exif: string; xmp: string }> {
  const { exif, xmp } = await sharp(result).metadata();
  return { exif: exif?.toString('latin1') ?? '', xmp: xmp?.toString() ?? '' };
}

async function kept(source: Uint8Array, metadata: string[], options: object = {}) {
  return metadataOf(await rendered(source, { format: 'jpeg', metadata, ...options }));
}

describe("from its source's metadata, a result keeps", () => {
  it.each([
    ['copyright', '(C) Jane Doe', '<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">(C) Jane Doe<'],
    ['creator', 'Jane Doe', '<dc:creator><rdf:Seq><rdf:li>Jane Doe<'],
    ['description', 'A "dog" & <cat>', 'x-default">A &quot;dog&quot; &amp; &lt;cat&gt;<'],
    ['date', '2024:02:29 23:59:58', '<photoshop:DateCreated>2024-02-29T23:59:58+09:00<'],
    ['position', 'N\0', '<exif:GPSLatitude>51,30.538333N</exif:GPSLatitude><exif:GPSLongitude>0,7.727667W<'],
  ])('the %s, and nothing else', async (kind, exif, xmp) => {
    const result = await rendered(await photo(), { format: 'jpeg', metadata: [kind] });
    const found = await metadataOf(result);
    expect(found.exif).toContain(exif);
    expect(found.xmp).toContain(xmp);
    expect(found.xmp).toContain('stRef:versionID="stamp"');
    const said = readExif((await sharp(result).metadata()).exif ?? Buffer.alloc(0));
    const present = Object.entries(said).flatMap(([name, value]) => (value === undefined ? [] : [name]));
    expect(present).toEqual([kind]);
    expect(found.xmp.match(/<(dc|photoshop|exif):\w+/g)?.length).toBe(kind === 'position' ? 2 : 1);
    for (const other of ['Editor', 'Camera', '4711']) expect(found.exif).not.toContain(other);
  });

  it.each(['jpeg', 'png', 'webp', 'avif'] as const)('all that it should, in %s', async (format) => {
    const result = await rendered(await photo(), { format, metadata: ALL });
    const { exif } = await sharp(result).metadata();
    expect(readExif(exif ?? Buffer.alloc(0))).toEqual(
      readExif((await sharp(await photo()).metadata()).exif ?? Buffer.alloc(0)),
    );
    expect(readExif(exif ?? Buffer.alloc(0))).toMatchObject({
      copyright: '(C) Jane Doe',
      date: { time: '2024-02-29T23:59:58', zone: '+09:00' },
      position: { latitude: { side: 'N' }, longitude: { side: 'W' } },
    });
    expect((await metadataOf(result)).xmp.match(/<(dc|photoshop|exif):\w+/g)).toHaveLength(6);
  });

  it.each(['png', 'webp', 'avif'] as const)('as a %s', async (format) => {
    expect((await kept(await photo(format), ['creator'])).exif).toContain('Jane Doe');
  });

  it('as a HEIC', async () => {
    expect((await kept(await heic('exif'), ['copyright'])).xmp).toContain('>© Jane Doe<');
  });

  it('in UTF-8, for which EXIF 3.0 has a type', () => {
    const exif = exifBytes({ image: [[315, 'Zoë']] });
    exif[exif.indexOf('3b010200', 'hex') + 2] = 129;
    expect(readExif(exif).creator).toBe('Zoë');
  });

  it('as a TIFF, which becomes another TIFF too', async () => {
    const texts = { 33_432: '© Jane Doe' };
    const tiff = tiffFile([
      { width: 2, height: 1, bits: 8, samples: 1, photometric: 1, data: Buffer.alloc(2), texts },
    ]);
    expect((await kept(tiff, ['copyright'])).exif).toContain('(C) Jane Doe');
    expect((await kept(tiff, ['copyright'], { format: 'source' })).xmp).toContain('>© Jane Doe<');
  });

  it('as camera RAW, and not as its preview', async () => {
    const texts = { 315: 'Jane Doe' };
    const fields = { 50_706: [1, 4, 0, 0] };
    const jpeg = await blank()
      .withExif({ IFD0: { Artist: 'Camera' } })
      .jpeg()
      .toBuffer();
    const inside = [
      {
        width: 40,
        height: 20,
        bits: 8,
        samples: 3,
        photometric: 6,
        data: jpeg,
        fields: { 254: [1], 259: [7] },
      },
      { ...sensorOf(44, 22) },
    ];
    const dng = tiffFile([
      {
        width: 2,
        height: 1,
        bits: 8,
        samples: 3,
        photometric: 2,
        data: Buffer.alloc(6),
        fields,
        texts,
        inside,
      },
    ]);
    expect((await kept(dng, ['creator'])).exif).toMatch(/Jane Doe(?!.*Camera)/s);
  });

  it('nothing unless the recipe says so', async () => {
    for (const format of ['jpeg', 'png', 'webp', 'avif', 'source']) {
      const { exif, xmp } = await metadataOf(await rendered(await photo(), { format }));
      expect(exif).toBe('');
      expect(xmp).not.toContain('Jane');
    }
  });

  it('only what its own rendition names', async () => {
    const renditions = [
      { name: 'a', format: 'jpeg', metadata: ['creator'] },
      { name: 'b', format: 'jpeg', width: 20 },
      { name: 'c', format: 'webp', metadata: ['position'], rotate: 90, animated: false },
    ];
    const results = await convertImage(await photo(), parseRecipe(JSON.stringify({ renditions })), 'stamp');
    const [a, b, c] = await Promise.all(results.map(({ bytes }) => metadataOf(bytes)));
    expect([a?.xmp.includes('Jane'), b?.xmp.includes('Jane'), c?.xmp.includes('Jane')]).toEqual([
      true,
      false,
      false,
    ]);
    expect([a?.xmp.includes('GPS'), b?.xmp.includes('GPS'), c?.xmp.includes('GPS')]).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('at every quality that a maximum size needs', async () => {
    const source = await sharp(await images.photo())
      .withExif(EXIF)
      .jpeg()
      .toBuffer();
    expect((await kept(source, ['creator'], { maxBytes: 40_000 })).exif).toContain('Jane Doe');
  });

  it.each(['jpeg', 'png', 'webp', 'avif'])(
    'never the thumbnail of the whole picture, in %s',
    async (format) => {
      const thumbnail = Buffer.from('\xff\xd8 what was cropped away \xff\xd9', 'latin1');
      const source = await withExif(exifBytes({ image: [[315, 'Jane Doe']], thumbnail }));
      expect((await metadataOf(source)).exif).toContain('cropped away');
      const result = await rendered(source, {
        format,
        metadata: ['creator'],
        width: 10,
        height: 10,
        fit: 'cover',
      });
      expect((await metadataOf(result)).xmp).toContain('Jane Doe');
      expect(Buffer.from(result).includes('cropped away')).toBe(false);
    },
  );

  it('no thumbnail beside a kept ICC profile either', async () => {
    const exif = exifBytes({ image: [[315, 'Jane Doe']], thumbnail: Buffer.from('cropped away') });
    const source = await withExif(exif, blank().withIccProfile('p3'));
    const result = await rendered(source, { format: 'jpeg', metadata: ['creator'], icc: 'keep' });
    expect((await sharp(result).metadata()).icc).toBeDefined();
    expect((await metadataOf(result)).exif).toContain('Jane Doe');
    expect(Buffer.from(result).includes('cropped away')).toBe(false);
  });

  it('only as XMP in an animation, whose EXIF data could have a thumbnail', async () => {
    const frames = await Promise.all([blank().png().toBuffer(), blank().negate().png().toBuffer()]);
    const source = await sharp(frames, { join: { animated: true } })
      .withExif(EXIF)
      .webp()
      .toBuffer();
    const { exif, xmp } = await kept(source, ['creator'], { format: 'webp' });
    expect(exif).toBe('');
    expect(xmp).toContain('>Jane Doe<');
  });

  it('no orientation: the pixels are upright already', async () => {
    const source = await blank().withExif(EXIF).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const result = await rendered(source, { format: 'jpeg', metadata: ALL });
    const { orientation = 1, width, height } = await sharp(result).metadata();
    expect({ orientation, width, height }).toEqual({ orientation: 1, width: 20, height: 40 });
  });

  it('the same bytes again', async () => {
    const make = async () => rendered(await photo(), { format: 'webp', metadata: ALL });
    expect(Buffer.compare(await make(), await make())).toBe(0);
  });

  it('nothing as a GIF, which has no place for it', async () => {
    const result = await rendered(await images.animatedGif(), { format: 'source', metadata: ALL });
    expect((await sharp(result).metadata()).format).toBe('gif');
  });
});

it('a position that rounds to a whole degree is that degree, without 60 minutes', () => {
  const gps = (minutes: number): [number, string | number[]][] => [
    [1, 'N'],
    [2, [51, 1, minutes, 10_000_000, 0, 1]],
    [3, 'E'],
    [4, [0, 1, 0, 1, 0, 1]],
  ];
  const written = (minutes: number) => keptOf({ exif: exifBytes({ gps: gps(minutes) }) }, ['position'])?.xmp;
  expect(written(599_999_994)).toContain('<exif:GPSLatitude>51,59.999999N<');
  expect(written(599_999_996)).toContain('<exif:GPSLatitude>52,0.000000N<');
});

it('numbers are read in either order of their bytes', () => {
  const gps: [number, string | number[]][] = [
    [1, 'S'],
    [2, [33, 1, 51, 1, 30, 1]],
    [3, 'E'],
    [4, [151, 1, 12, 1, 0, 1]],
  ];
  const said = (big: boolean) => readExif(exifBytes({ gps, photo: [[36_867, '2024:01:01 10:00:00']], big }));
  expect(said(true)).toEqual(said(false));
  expect(said(true).position?.latitude).toEqual({
    side: 'S',
    minutes: 33 * 60 + 51.5,
    fractions: [33, 1, 51, 1, 30, 1],
  });
});

describe('text in EXIF data', () => {
  const told = async (bytes: string | Uint8Array) => {
    const exif = exifBytes({ image: [[33_432, bytes]] });
    return kept(await withExif(exif), ['copyright']);
  };

  it.each([
    ['UTF-8', Buffer.from('© Zoë')],
    ['Windows-1252', Buffer.from('© Zoë', 'latin1')],
  ])('is read as %s, and in XMP whole', async (_coding, bytes) => {
    const { exif, xmp } = await told(bytes);
    expect(xmp).toContain('>© Zoë<');
    // Neither question marks nor letters that are not there.
    expect(exif).not.toContain('Zo');
  });

  it('may end without a zero', () => {
    const exif = exifBytes({ image: [[33_432, Buffer.from('Jane Doe, Zoë', 'latin1')]] });
    const count = exif.indexOf('98820200', 'hex') + 4;
    exif.writeUInt32LE(exif.readUInt32LE(count) - 1, count);
    expect(readExif(exif).copyright).toBe('Jane Doe, Zoë');
  });

  it('has (C) for the sign of copyright, which ASCII lacks', async () => {
    const { exif, xmp } = await told(Buffer.from('© Jane Doe'));
    expect(exif).toContain('(C) Jane Doe\0');
    expect(xmp).toContain('>© Jane Doe<');
  });

  it('becomes one line without control characters, of at most 1,000 characters', async () => {
    expect((await told('  a\n\x07\x1Bb\0 c \0\0')).xmp).toContain('>a b, c<');
    expect((await told(Buffer.from('\u2028x\uFFFE\u0085y'))).xmp).toContain('>x y<');
    expect((await told('é'.repeat(30_000))).xmp).toContain(`>${'é'.repeat(1000)}<`);
    expect((await told(Buffer.from(`ab${'漢'.repeat(20_000)}`))).xmp).toContain(`>ab${'漢'.repeat(998)}<`);
  });

  it.each(['', ' ', '\0\0\0'])('that says nothing is left out: %j', async (text) => {
    const { exif, xmp } = await told(text);
    expect([exif, xmp.includes('dc:rights')]).toEqual(['', false]);
  });
});

describe('what EXIF data gets wrong is left out', () => {
  it.each([
    '0000:00:00 00:00:00',
    '0000:01:01 10:00:00',
    '2023:02:29 10:00:00',
    '2024-01-01 10:00:00',
    '    :  :     :  :  ',
    '2024:01:01 25:00:00',
  ])('an invalid date: %s', (date) => {
    expect(readExif(exifBytes({ photo: [[36_867, date]] })).date).toBeUndefined();
  });

  it('an invalid time zone, but not its date', () => {
    const exif = exifBytes({
      photo: [
        [36_867, '2024:01:01 10:00:00'],
        [36_881, 'JST'],
      ],
    });
    expect(readExif(exif).date).toEqual({ time: '2024-01-01T10:00:00' });
  });

  it('the date on which the file was changed', () => {
    expect(readExif(exifBytes({ image: [[306, '2024:01:01 10:00:00']] })).date).toBeUndefined();
    const scanned = exifBytes({
      photo: [
        [36_868, '2024:01:01 10:00:00'],
        [36_882, '-03:30'],
      ],
    });
    expect(describedBy({ exif: scanned }).date).toEqual({ time: '2024-01-01T10:00:00', zone: '-03:30' });
  });

  const degrees = (...fractions: number[]) => fractions;
  it.each([
    ['beyond the pole', 'N', degrees(91, 1, 0, 1, 0, 1)],
    ['with no side', '', degrees(51, 1, 0, 1, 0, 1)],
    ['with no side, near the equator', '', degrees(0, 1, 30, 1, 0, 1)],
    ['of eight numbers', 'N', degrees(51, 1, 0, 1, 0, 1, 0, 1)],
    ['with another side', 'E', degrees(51, 1, 0, 1, 0, 1)],
    ['of no number', 'N', degrees(51, 1, 0, 0, 0, 1)],
    ['divided by zero', 'N', degrees(51, 0, 0, 1, 0, 1)],
    ['that is incomplete', 'N', degrees(51, 1)],
  ])('a position %s', (_what, side, latitude) => {
    const position = (sideOf: string, angle: number[]) =>
      readExif(
        exifBytes({
          gps: [
            [1, sideOf],
            [2, angle],
            [3, 'E'],
            [4, degrees(13, 1, 24, 1, 0, 1)],
          ],
        }),
      ).position;
    expect(position('N', degrees(52, 1, 31, 1, 0, 1))).toMatchObject({ latitude: { minutes: 52 * 60 + 31 } });
    expect(position(side, latitude)).toBeUndefined();
  });

  it('all of it, whatever is damaged', async () => {
    const sound = exifBytes({
      image: [
        [33_432, '© Jane Doe'],
        [315, 'Jane'],
      ],
      photo: [[36_867, '2024:01:01 10:00:00']],
      gps: [
        [1, 'N'],
        [2, degrees(52, 1, 31, 1, 0, 1)],
        [3, 'E'],
        [4, degrees(13, 1, 24, 1, 0, 1)],
      ],
    });
    const damage = fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(damage, fc.nat(sound.length), async (bytes, length) => {
        const damaged = Buffer.from(sound);
        for (const [at, value] of bytes) damaged[at] = value;
        const source = await withExif(damaged.subarray(0, length));
        const { width } = await sharp(await rendered(source, { format: 'jpeg', metadata: ALL })).metadata();
        expect(width).toBeGreaterThan(0);
      }),
      { numRuns: cases(300) },
    );
  });

  it('a directory that claims more than there is, without reading it again and again', () => {
    const bomb = Buffer.alloc(65_000, 0x41);
    bomb.write('II*\0', 'latin1');
    bomb.writeUInt32LE(8, 4);
    bomb.writeUInt16LE(5400, 8);
    for (let at = 10; at + 12 < bomb.length; at += 12) {
      bomb.writeUInt16LE(33_432, at);
      bomb.writeUInt16LE(2, at + 2);
      bomb.writeUInt32LE(0xffff_ffff, at + 4);
      bomb.writeUInt32LE(10, at + 8);
    }
    expect(readExif(bomb).copyright?.length).toBeLessThanOrEqual(1000);
  });
});
