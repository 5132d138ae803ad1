import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { avifWithXmp } from '../../../src/worker/conversion/image/keep/avif.ts';
import { jpegWithXmp } from '../../../src/worker/conversion/image/keep/jpeg.ts';
import { pngWithXmp } from '../../../src/worker/conversion/image/keep/png.ts';
import { webpWithXmp } from '../../../src/worker/conversion/image/keep/webp.ts';
import {
  av1Of,
  avifOf,
  box,
  boxOf,
  clli,
  limitedRange,
  monochromeAv1,
  nclx,
  prof,
  type Av1,
} from '../../support/avif.ts';
import { redAndBlue } from '../../support/formats/format-case.ts';
import { photo } from '../../support/images.ts';
import { jpegSegment, webpChunk, webpChunksOf, webpOf } from '../../support/with-metadata.ts';
import { pngChunk } from '../../support/png.ts';

type Change = (bytes: Buffer) => Buffer;

const FRAME = Buffer.of(0xff, 0xc0);
const TABLE = Buffer.of(0xff, 0xc4);
const SCAN = Buffer.of(0xff, 0xda);
const END = Buffer.of(0xff, 0xd9);

/** Returns a change that puts bytes before the first of others. */
const before =
  (mark: Buffer | string, ...bytes: readonly Uint8Array[]): Change =>
  (file) => {
    const at = file.indexOf(mark) - (typeof mark === 'string' ? 4 : 0);
    return Buffer.concat([file.subarray(0, at), ...bytes, file.subarray(at)]);
  };

/** Returns a change of the byte that comes so many bytes after the beginning of others. */
const withByte =
  (mark: Buffer | string, distance: number, value: number): Change =>
  (file) => {
    file[file.indexOf(mark) + distance] = value;
    return file;
  };

const withoutEnd =
  (bytes: number): Change =>
  (file) =>
    file.subarray(0, -bytes);

const jpeg = () => redAndBlue().jpeg({ chromaSubsampling: '4:4:4' }).toBuffer();

/** Returns the segment or the scan that begins with a marker. */
const partOf = (file: Buffer, from: Buffer, to: Buffer) =>
  file.subarray(file.indexOf(from), file.indexOf(to));

describe('a JPEG is not kept', () => {
  it.each<[why: string, change: Change]>([
    ['without an end', withoutEnd(2)],
    ['that is cut off in a segment', (file) => file.subarray(0, file.indexOf(SCAN) - 1)],
    ['without a scan', (file) => Buffer.concat([file.subarray(0, file.indexOf(SCAN)), END])],
    ['with two frames', (file) => before(SCAN, partOf(file, FRAME, TABLE))(file)],
    ['with a scan before its frame', (file) => before(FRAME, partOf(file, SCAN, END))(file)],
    ['with a scan that decoders do not read', (file) => before(END, partOf(file, SCAN, END))(file)],
    ['with bytes between its segments', before(FRAME, Buffer.of(1))],
    ['with another start', before(FRAME, Buffer.of(0xff, 0xd8))],
    ['with 12 bits', withByte(FRAME, 4, 12)],
    ['with two components', withByte(FRAME, 9, 2)],
    ['with a component that has no blocks', withByte(FRAME, 11, 0)],
    ['with a frame that is too long', withByte(FRAME, 9, 1)],
    ['whose height follows its scan', (file) => withByte(FRAME, 5, 0)(withByte(FRAME, 6, 0)(file))],
    ['with arithmetic coding', withByte(FRAME, 1, 0xc9)],
    ['with a hierarchical frame', before(FRAME, jpegSegment(0xde, ''))],
    ['with a scan that is too long', withByte(SCAN, 4, 1)],
    ['with a scan of a component that the frame lacks', withByte(SCAN, 5, 9)],
    ['with tables that are cut off', before(FRAME, jpegSegment(0xc4, Buffer.alloc(20)))],
    ['with a table that does not exist', before(FRAME, jpegSegment(0xdb, Buffer.alloc(65, 4)))],
    ['with a restart interval that is too long', before(FRAME, jpegSegment(0xdd, Buffer.of(0, 0, 0)))],
    ['with an ICC profile', before(FRAME, jpegSegment(0xe2, 'ICC_PROFILE\0'))],
    [
      'with thousands of tables',
      (file) => before(FRAME, ...Array.from({ length: 1001 }, () => partOf(file, TABLE, SCAN)))(file),
    ],
  ])('%s', async (_why, change) => {
    expect(jpegWithXmp(await jpeg(), 'XMP')).toBeDefined();
    expect(jpegWithXmp(change(await jpeg()), 'XMP')).toBeUndefined();
  });

  it('with a stamp that is too long for a segment', async () => {
    expect(jpegWithXmp(await jpeg(), 'x'.repeat(65_500))).toBeDefined();
    expect(jpegWithXmp(await jpeg(), 'x'.repeat(65_505))).toBeUndefined();
  });
});

describe('a sequential JPEG is kept', () => {
  const side = [7, 8, 9, 16, 17, 33];
  const sizes = side.map((width, index) => ({ width, height: side.at(-index) ?? 1 }));

  it.each([
    { name: 'in color', greyscale: false, chromaSubsampling: '4:4:4' },
    { name: 'with half the resolution of colors', greyscale: false, chromaSubsampling: '4:2:0' },
    { name: 'in grey', greyscale: true, chromaSubsampling: '4:4:4' },
  ])('$name, up to its last block', async ({ greyscale, chromaSubsampling }) => {
    const source = await photo();
    for (const size of sizes)
      for (const optimiseCoding of [true, false]) {
        const bytes = await sharp(source)
          .resize(size)
          .greyscale(greyscale)
          .jpeg({ chromaSubsampling, optimiseCoding })
          .toBuffer();
        expect(jpegWithXmp(bytes, 'XMP')).toBeDefined();
        expect(jpegWithXmp(Buffer.concat([bytes.subarray(0, -3), END]), 'XMP')).toBeUndefined();
        for (const more of [Buffer.of(0), Buffer.of(0xff, 0), Buffer.from('hidden')])
          expect(jpegWithXmp(Buffer.concat([bytes.subarray(0, -2), more, END]), 'XMP')).toBeUndefined();
      }
  });

  /** Returns a grey JPEG of blocks side by side, with a restart marker after each but the last. */
  async function restarting(blocks: number, change = (data: number[]) => data): Promise<Buffer> {
    const grey = sharp({ create: { width: 8, height: 8, channels: 3, background: '#808080' } });
    const bytes = await grey.toColourspace('b-w').jpeg({ optimiseCoding: false }).toBuffer();
    bytes.writeUInt16BE(8 * blocks, bytes.indexOf(FRAME) + 7);
    const scan = bytes.indexOf(SCAN);
    const data = Array.from({ length: blocks }, (_, index) => [0xff, 0xd0 + ((index + 7) % 8), GREY]).flat();
    return Buffer.concat([
      bytes.subarray(0, scan),
      jpegSegment(0xdd, Buffer.of(0, 1)),
      bytes.subarray(scan, scan + 10),
      Buffer.from(change(data.slice(2))),
      END,
    ]);
  }

  it('with restart markers', async () => {
    const bytes = await restarting(20);
    const kept = jpegWithXmp(bytes, 'XMP');
    expect(new Set(await pixels(kept))).toEqual(new Set([128]));
    for (const change of [
      (data: number[]) => [...data, GREY],
      (data: number[]) => [GREY, ...data],
      (data: number[]) => data.slice(0, -1),
      (data: number[]) => data.filter((_, index) => index !== 1 && index !== 2),
    ])
      expect(jpegWithXmp(await restarting(20, change), 'XMP')).toBeUndefined();
  });
});

/** A block in grey with the usual codes: no difference of its mean (00), no details (1010), and two bits to fill the byte. */
const GREY = 0b0010_1011;

it.each(['before it', 'instead of it'])(
  'a table that no scan of a JPEG uses, defined %s, is not kept',
  async (where) => {
    const bytes = await jpeg();
    const hidden = Buffer.concat([
      Buffer.of(where === 'before it' ? 0 : 3),
      Buffer.from('hidden'.repeat(11)).subarray(0, 64),
    ]);
    const changed = before(Buffer.of(0xff, 0xdb), jpegSegment(0xdb, hidden))(bytes);
    expect(jpegWithXmp(changed, 'XMP')).toEqual(jpegWithXmp(bytes, 'XMP'));
  },
);

it('tables after the last scan of a JPEG are not kept', async () => {
  const bytes = await jpeg();
  const kept = jpegWithXmp(bytes, 'XMP');
  expect(jpegWithXmp(before(END, partOf(bytes, TABLE, SCAN))(bytes), 'XMP')).toEqual(kept);
});

const png = () => redAndBlue().png({ palette: true }).toBuffer();

/** Returns a PNG whose data is in two chunks with something between. */
const parted =
  (...between: readonly Buffer[]): Change =>
  (file) => {
    const at = file.indexOf('IDAT');
    const bytes = file.readUInt32BE(at - 4);
    const data = file.subarray(at + 4, at + 4 + bytes);
    const [first, second] = [data.subarray(0, 10), data.subarray(10)].map((part) => pngChunk('IDAT', part));
    return Buffer.concat([
      file.subarray(0, at - 4),
      first ?? file,
      ...between,
      second ?? file,
      file.subarray(at + 8 + bytes),
    ]);
  };

describe('a PNG is not kept', () => {
  it.each<[why: string, change: Change]>([
    ['without an end', withoutEnd(12)],
    ['that is cut off in its data', (file) => file.subarray(0, file.indexOf('IDAT') + 10)],
    [
      'without data',
      (file) => Buffer.concat([file.subarray(0, file.indexOf('IDAT') - 4), file.subarray(-12)]),
    ],
    ['with other chunks in its data', parted(pngChunk('PLTE', Buffer.of(1, 2, 3)))],
    ['with two palettes', before('IDAT', pngChunk('PLTE', Buffer.of(1, 2, 3)))],
    ['with a palette after its data', before('IEND', pngChunk('PLTE', Buffer.of(1, 2, 3)))],
    ['with transparency before its palette', before('PLTE', pngChunk('tRNS', Buffer.of(1)))],
    ['with a chunk that decoders must know', before('IDAT', pngChunk('CgBI', Buffer.of(1)))],
    ['with a wrong checksum', withByte('PLTE', 4, 99)],
    [
      'with 16 bits',
      (file) =>
        Buffer.concat([
          file.subarray(0, 8),
          pngChunk('IHDR', withByte('IHDR', 12, 16)(file).subarray(16, 29)),
          file.subarray(33),
        ]),
    ],
    ['with an ICC profile', before('PLTE', pngChunk('iCCP', Buffer.of(1)))],
    ['with cICP', before('PLTE', pngChunk('cICP', Buffer.of(12, 13, 0, 1)))],
    ['with an animation', before('IDAT', pngChunk('acTL', Buffer.alloc(8)))],
    [
      'with 100,000 chunks',
      before('IDAT', ...Array.from({ length: 100_000 }, () => pngChunk('tEXt', Buffer.of()))),
    ],
  ])('%s', async (_why, change) => {
    expect(pngWithXmp(await png(), 'XMP')).toBeDefined();
    expect(pngWithXmp(change(await png()), 'XMP')).toBeUndefined();
  });

  it('unless its data is in one or more chunks, one after another', async () => {
    const kept = pngWithXmp(parted()(await png()), 'XMP');
    expect(await pixels(kept)).toEqual(await pixels(await png()));
  });
});

const pixels = (bytes: Buffer | undefined) => sharp(bytes, { failOn: 'warning' }).raw().toBuffer();

const [WIDTH, HEIGHT] = [64, 32];
const transparent = async () =>
  sharp(await redAndBlue().removeAlpha().png().toBuffer())
    .ensureAlpha(0.5)
    .webp()
    .toBuffer();

/** Returns the chunks of a WebP of these types, with a new header. */
function webpFrom(
  file: Buffer,
  types: readonly string[],
  flags: number,
  width = WIDTH,
  height = HEIGHT,
): Buffer {
  const header = Buffer.alloc(10);
  header[0] = flags;
  header.writeUIntLE(width - 1, 4, 3);
  header.writeUIntLE(height - 1, 7, 3);
  const chunks = webpChunksOf(file);
  const picked = types.map(
    (type) => chunks.find((chunk) => chunk.toString('latin1', 0, 4) === type) ?? Buffer.alloc(0),
  );
  return webpOf(webpChunk('VP8X', header), ...picked);
}

const ALPHA = 0x10;
const withAlpha = (...of: [types?: string[], flags?: number, width?: number, height?: number]): Change => {
  const [types = ['ALPH', 'VP8 '], flags = ALPHA, width = WIDTH, height = HEIGHT] = of;
  return (file) => webpFrom(file, types, flags, width, height);
};

describe('a WebP is not kept', () => {
  it.each<[why: string, change: Change]>([
    ['without a picture', withAlpha(['ALPH'])],
    ['with two pictures', withAlpha(['ALPH', 'VP8 ', 'VP8 '])],
    ['with transparency after its picture', withAlpha(['VP8 ', 'ALPH'])],
    ['with transparency that its header denies', withAlpha(undefined, 0)],
    ['without the transparency that its header claims', withAlpha(['VP8 '])],
    ['whose header has another width', withAlpha(undefined, undefined, WIDTH + 1)],
    ['whose header has another height', withAlpha(undefined, undefined, WIDTH, HEIGHT + 1)],
    [
      'with transparency, but without a header',
      (file) => webpOf(...webpChunksOf(file).filter((chunk) => chunk.toString('latin1', 0, 4) !== 'VP8X')),
    ],
    ['with an ICC profile', (file) => webpOf(...webpChunksOf(file), webpChunk('ICCP', Buffer.of(1)))],
    ['with an animation', (file) => webpOf(...webpChunksOf(file), webpChunk('ANMF', Buffer.of(1)))],
    [
      'with a hundred chunks',
      (file) =>
        webpOf(
          ...webpChunksOf(file),
          ...Array.from({ length: 100 }, () => webpChunk('PRIV', Buffer.of(1, 2))),
        ),
    ],
    ['with a picture that does not begin as one', withByte('VP8 ', 11, 0)],
    ['that is cut off', withoutEnd(2)],
    ['with a chunk that is cut off', (file) => withByte(Buffer.from('RIFF'), 4, (file[4] ?? 0) - 2)(file)],
    ['that is only a signature', (file) => file.subarray(0, 8)],
  ])('%s', async (_why, change) => {
    expect(webpWithXmp(withAlpha()(await transparent()), 'XMP')).toBeDefined();
    expect(webpWithXmp(await transparent(), 'XMP')).toBeDefined();
    expect(webpWithXmp(change(await transparent()), 'XMP')).toBeUndefined();
  });
});

describe('what is kept of a JPEG', () => {
  const kept = (file: Buffer) => jpegWithXmp(file, 'XMP') ?? Buffer.alloc(0);

  it.each([{}, { progressive: true }, { chromaSubsampling: '4:2:0' }, { mozjpeg: true }, { restart: true }])(
    'are its pixels: %j',
    async (options) => {
      const bytes = await sharp(await photo())
        .resize(100)
        .withExif({ IFD0: { Artist: 'hidden' } })
        .jpeg(options)
        .toBuffer();
      const result = kept(before(TABLE, jpegSegment(0xfe, 'hidden'), jpegSegment(0xef, 'hidden'))(bytes));
      expect(await pixels(result)).toEqual(await pixels(bytes));
      expect((await sharp(result).metadata()).xmp?.toString()).toBe('XMP');
      expect(result.includes('hidden')).toBe(false);
    },
  );

  it('is what tells its colors, without more', async () => {
    const bytes = await jpeg();
    const [adobe, flags] = [Buffer.from('Adobe'), Buffer.of(0, 100, 0, 0, 0, 0, 1)];
    const whole = jpegSegment(0xee, Buffer.concat([adobe, flags]));
    const longer = jpegSegment(0xee, Buffer.concat([adobe, flags, Buffer.from('hidden')]));
    const result = kept(before(FRAME, whole)(bytes));
    expect(result.includes(whole)).toBe(true);
    expect(kept(before(FRAME, longer)(bytes))).toEqual(result);
    const cut = jpegSegment(0xee, Buffer.concat([adobe, flags.subarray(1)]));
    const none = [cut, jpegSegment(0xed, Buffer.concat([adobe, flags])), jpegSegment(0xee, Buffer.alloc(20))];
    for (const segment of none) expect(kept(before(FRAME, segment)(bytes))).toEqual(kept(bytes));
  });

  it('is that it is JFIF, without its thumbnail', async () => {
    const bytes = await jpeg();
    const withFirst = (marker: number, payload: Buffer) =>
      Buffer.concat([bytes.subarray(0, 2), jpegSegment(marker, payload), bytes.subarray(2)]);
    const plain = Buffer.concat([Buffer.from('JFIF\0'), Buffer.of(1, 1, 0, 0, 1, 0, 1, 0, 0)]);
    const thumbnail = Buffer.concat([Buffer.from('JFIF\0'), Buffer.of(1, 2, 0, 0, 1, 0, 1, 1, 1, 9, 9, 9)]);
    const result = kept(withFirst(0xe0, thumbnail));
    expect(result.subarray(2).indexOf(jpegSegment(0xe0, plain))).toBe(0);
    expect(kept(withFirst(0xe0, plain))).toEqual(result);
    for (const other of [withFirst(0xe0, plain.subarray(0, 10)), withFirst(0xe1, thumbnail)])
      expect(kept(other)).toEqual(kept(bytes));
  });

  it('of a progressive one is nothing that tells colors after its first scan', async () => {
    const bytes = await redAndBlue().jpeg({ progressive: true }).toBuffer();
    const second = bytes.indexOf(TABLE, bytes.indexOf(SCAN));
    const adobe = jpegSegment(0xee, Buffer.concat([Buffer.from('Adobe'), Buffer.of(0, 100, 0, 0, 0, 0, 0)]));
    const changed = Buffer.concat([bytes.subarray(0, second), adobe, bytes.subarray(second)]);
    expect(kept(changed)).toEqual(kept(bytes));
  });
});

describe('what is kept of a WebP', () => {
  const typesOf = (file: Buffer) => webpChunksOf(file).map((chunk) => chunk.toString('latin1', 0, 4));

  it.each<[string, () => Promise<Buffer>, types: string[]]>([
    ['lossy', () => redAndBlue().removeAlpha().webp().toBuffer(), ['VP8 ']],
    ['lossless', () => redAndBlue().removeAlpha().webp({ lossless: true }).toBuffer(), ['VP8L']],
    [
      'lossless and transparent',
      () => redAndBlue().ensureAlpha(0.5).webp({ lossless: true }).toBuffer(),
      ['VP8L'],
    ],
    ['transparent', transparent, ['ALPH', 'VP8 ']],
  ])('are its pixels, if it is %s', async (_what, make, types) => {
    const bytes = await make();
    // One with an odd length, and one at the end.
    const [first, last] = [webpChunk('PRIV', Buffer.of(1)), webpChunk('EXIF', Buffer.of(1, 2))];
    const all = webpChunksOf(bytes);
    const headers = typesOf(bytes)[0] === 'VP8X' ? all.splice(0, 1) : [];
    const result = webpWithXmp(webpOf(...headers, first, ...all, last), 'XMP') ?? Buffer.alloc(0);
    expect(typesOf(result)).toEqual(['VP8X', ...types, 'XMP ']);
    expect(await pixels(result)).toEqual(await pixels(bytes));
    const { xmp, hasAlpha, width, height } = await sharp(result).metadata();
    const source = await sharp(bytes).metadata();
    expect([xmp?.toString(), hasAlpha, width, height]).toEqual([
      'XMP',
      source.hasAlpha,
      source.width,
      source.height,
    ]);
  });

  it('is none of a lossless one that does not begin as one', async () => {
    const bytes = await redAndBlue().webp({ lossless: true }).toBuffer();
    expect(webpWithXmp(bytes, 'XMP')).toBeDefined();
    expect(webpWithXmp(withByte('VP8L', 8, 0x2e)(Buffer.from(bytes)), 'XMP')).toBeUndefined();
    for (const length of [0, 4])
      expect(webpWithXmp(webpOf(webpChunk('VP8L', Buffer.alloc(length, 0x2f))), 'XMP')).toBeUndefined();
    for (const length of [0, 9])
      expect(webpWithXmp(webpOf(webpChunk('VP8 ', Buffer.alloc(length))), 'XMP')).toBeUndefined();
  });

  it.each([8, 10])('is none of a lossy one without width or height: byte %d', async (distance) => {
    const bytes = await redAndBlue().removeAlpha().webp().toBuffer();
    const at = bytes.indexOf('VP8 ') + 6 + distance;
    bytes.fill(0, at, at + 2);
    expect(webpWithXmp(bytes, 'XMP')).toBeUndefined();
  });
});

interface Images {
  color: Av1;
  alpha: Av1;
}

/** Returns both images of a transparent AVIF. */
async function av1s(width = WIDTH, height = HEIGHT): Promise<Images> {
  const bytes = await sharp(await redAndBlue().removeAlpha().resize(width, height).png().toBuffer())
    .ensureAlpha(0.5)
    .png()
    .toBuffer();
  const [color, alpha] = await av1Of(bytes, { chromaSubsampling: '4:2:0' });
  if (color === undefined || alpha === undefined) throw new Error('expected two images');
  return { color, alpha };
}

const greyAv1 = async () => monochromeAv1(await redAndBlue().png().toBuffer());

/** Returns a change of the type of a box, or of an item. */
const renamed =
  (from: string, to: string, nth: 'first' | 'last' = 'first'): Change =>
  (file) => {
    file.write(to, nth === 'first' ? file.indexOf(from) : file.lastIndexOf(from), 'latin1');
    return file;
  };

const withEnd =
  (...more: readonly Buffer[]): Change =>
  (file) =>
    Buffer.concat([file, ...more]);

/** Returns an AVIF, and a description of it, with the id of the transparency. */
async function ambiguous(): Promise<Buffer> {
  const file = avifOf({ ...(await av1s()), descriptions: [['Exif', Buffer.alloc(8)]] });
  file[file.lastIndexOf('infe') + 9] = 2;
  return file;
}

const withProperties =
  (...properties: readonly Buffer[]) =>
  async () =>
    avifOf({ ...(await av1s()), properties });

const withData = (change: (color: Buffer) => Buffer) => async () => {
  const { color, alpha } = await av1s();
  return avifOf({ color: { ...color, data: change(color.data) }, alpha });
};

/** After the temporal delimiter and the sequence header, of which each has one byte for its size. */
const frameOf = (data: Buffer) => data.subarray(2 + 2 + (data[3] ?? 0));
const METADATA = Buffer.of(0x2a, 1, 0x80);
const [FRAME_HEADER, TILE_GROUP] = [Buffer.of(0x1a, 0), Buffer.of(0x22, 0)];

/** Returns data whose frame is in parts. */
const inParts = (count: number) => (data: Buffer) =>
  Buffer.concat([
    data.subarray(0, data.length - frameOf(data).length),
    FRAME_HEADER,
    ...Array.from({ length: count }, () => TILE_GROUP),
  ]);

/** Returns an AVIF with a longer `iloc` table, so its data begins later. */
async function relocated(
  added: number,
  places: (item: Buffer, offset: number, length: number) => readonly Buffer[],
): Promise<Buffer> {
  const file = avifOf({ color: (await av1s()).color });
  const iloc = boxOf(file, 'iloc') ?? Buffer.of();
  const at = file.indexOf(iloc);
  // The number of items, and the id of the only one.
  const item = iloc.subarray(14, 18);
  const [offset, length] = [iloc.readUInt32BE(22), iloc.readUInt32BE(26)];
  const meta = file.indexOf('meta') - 4;
  file.writeUInt32BE(file.readUInt32BE(meta) + added, meta);
  return Buffer.concat([
    file.subarray(0, at),
    box('iloc', ...places(item, offset + added, length)),
    file.subarray(at + iloc.length),
  ]);
}

/** Returns an AVIF whose data is in the file (0), or in another place (1). The place can have an index. */
function placed(construction: number, index = Buffer.of()): Promise<Buffer> {
  // Only version 1 says so. It is two bytes longer.
  return relocated(2 + index.length, (item, offset, length) => [
    Buffer.of(1, 0, 0, 0, 0x44, index.length),
    item,
    Buffer.of(0, construction, 0, 0, 0, 1),
    index,
    extent(offset, length),
  ]);
}

/** Returns an AVIF whose data is in two pieces. The first has all of its picture. */
function inPieces(): Promise<Buffer> {
  return relocated(8, (item, offset, length) => [
    Buffer.of(0, 0, 0, 0, 0x44, 0),
    item,
    Buffer.of(0, 0, 0, 2),
    extent(offset, length),
    extent(offset, length),
  ]);
}

function extent(offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(offset, 0);
  bytes.writeUInt32BE(length, 4);
  return bytes;
}

/** Returns an AVIF without code points in its properties. Those in its sequence header are lossless RGB's, or others. */
async function told(primaries: number): Promise<Buffer> {
  // With this size, they begin with a digit.
  const square = await redAndBlue().removeAlpha().resize(32, 32).png().toBuffer();
  const [color] = await av1Of(square, { lossless: true });
  if (color === undefined) throw new Error('expected an image');
  const hex = color.data.toString('hex');
  expect(hex).toContain('010d00');
  const others = hex.replace('010d00', `${Buffer.of(primaries).toString('hex')}0d00`);
  return avifOf({ color: { ...color, data: Buffer.from(others, 'hex') } });
}

const making =
  (make: (images: Images) => Buffer) =>
  (...changes: readonly Change[]) =>
  async () =>
    changes.reduce((file, change) => change(file), make(await av1s()));

/** Return a changed AVIF: with transparency, without, and with a description instead. */
const changed = making(avifOf);
const opaque = making(({ color }) => avifOf({ color }));
const described = making(({ color }) => avifOf({ color, descriptions: [['Exif', Buffer.alloc(8)]] }));

const byteAt = (type: string, distance: number, value: number) =>
  withByte(Buffer.from(type), distance, value);

describe('an AVIF is not kept', () => {
  it.each<[why: string, make: () => Promise<Buffer>]>([
    ['with bytes after its boxes', changed(withEnd(Buffer.of(1)))],
    [
      'with two descriptions of its contents',
      changed((file) => withEnd(boxOf(file, 'meta') ?? Buffer.of())(file)),
    ],
    ['with a box that is not known', changed(withEnd(box('mini', Buffer.of(1))))],
    [
      'with an animation',
      async () => {
        const { color } = await av1s();
        return avifOf({ color, animation: [color, color] });
      },
    ],
    // libheif does not skip an index of this size, and would read another place.
    ['with a place that has an index of 12 bytes', () => placed(0, Buffer.alloc(12))],
    ['with groups of items', changed(renamed('hdlr', 'grpl'))],
    ['with two primary items', described(renamed('iref', 'pitm'))],
    ['with two tables of properties', changed(renamed('ipma', 'ipco'))],
    ['with a grid', changed(renamed('av01', 'grid'))],
    ['with transparency in another format', changed(renamed('av01', 'hvc1', 'last'))],
    ['with a third image', async () => avifOf({ ...(await av1s()), descriptions: [['av01', Buffer.of(1)]] })],
    ['with two items that have the same id', ambiguous],
    [
      'with eleven items',
      async () =>
        avifOf({
          ...(await av1s()),
          descriptions: Array.from({ length: 9 }, () => ['Exif', Buffer.alloc(8)] as const),
        }),
    ],
    ['with a thumbnail', changed(renamed('auxl', 'thmb'))],
    ['with premultiplied colors', changed(renamed('auxl', 'prem'))],
    ['with transparency of another item', changed(byteAt('auxl', 9, 2))],
    ['with a depth map', changed(renamed('auxiliary:alpha', 'auxiliary:depth'))],
    ['with a use of its colors', withProperties(box('auxC', Buffer.alloc(4)))],
    ['that is turned', withProperties(box('irot', Buffer.of(1)))],
    ['that is mirrored', withProperties(box('imir', Buffer.of(1)))],
    ['that is cropped', withProperties(box('clap', Buffer.alloc(32)))],
    ['whose pixels are not square', withProperties(box('pasp', Buffer.alloc(8)))],
    ['with layers', withProperties(box('a1lx', Buffer.alloc(7)))],
    ['with a peak of its light', withProperties(clli(1000))],
    ['with an ICC profile', withProperties(prof(Buffer.alloc(128)))],
    ['with code points twice', withProperties(nclx(1, 13), nclx(1, 13))],
    ['with code points that are cut off', withProperties(nclx(1, 13).fill(18, 3, 4).subarray(0, 18))],
    ['with the primaries of P3', withProperties(nclx(12, 13))],
    ['with the curve of HDR', withProperties(nclx(1, 16))],
    ['with code points that are not known', withProperties(nclx(3, 13))],
    ['with the matrix of BT.2020', async () => byteAt('nclx', 9, 9)(await withProperties(nclx(1, 13))())],
    ['with the primaries of P3 in its sequence header', () => told(12)],
    ['with greys of a limited range', async () => avifOf({ color: limitedRange(await greyAv1()) })],
    [
      'with greys of a limited range, as its code points say',
      async () => avifOf({ color: await greyAv1(), properties: [nclx(1, 13, false)] }),
    ],
    [
      'with transparency of a limited range',
      async () => {
        const { color, alpha } = await av1s();
        return avifOf({ color, alpha: limitedRange(alpha) });
      },
    ],
    [
      'with transparency of another size',
      async () => avifOf({ color: (await av1s()).color, alpha: (await av1s(WIDTH, 2 * HEIGHT)).alpha }),
    ],
    ['whose header has another width', changed(byteAt('ispe', 11, WIDTH - 1))],
    ['whose header has another height', changed(byteAt('ispe', 15, HEIGHT - 1))],
    ['whose header has another depth', changed(byteAt('pixi', 9, 10))],
    ['with a configuration of another version', changed(byteAt('av1C', 4, 0x82))],
    ['with a configuration of another profile', changed(byteAt('av1C', 5, 0x20))],
    ['with a configuration for more bits', changed(byteAt('av1C', 6, 0x4c))],
    ['with a configuration for other planes', changed(byteAt('av1C', 6, 0))],
    [
      'with a configuration that is cut off',
      async () => {
        const { color, alpha } = await av1s();
        return avifOf({ color: { ...color, configuration: box('av1C', Buffer.of(0x81, 0, 0x0c)) }, alpha });
      },
    ],
    [
      'with more in its configuration',
      async () => {
        const { color, alpha } = await av1s();
        const configuration = box('av1C', color.configuration.subarray(8), METADATA);
        return avifOf({ color: { ...color, configuration }, alpha });
      },
    ],
    ['with a property that does not exist', changed(byteAt('ipma', 15, 99))],
    ['without a configuration', changed(byteAt('ipma', 16, 0))],
    ['whose data is in another file', changed(byteAt('iloc', 15, 1))],
    ['whose data is in two pieces', inPieces],
    ['whose data has any length', changed(byteAt('iloc', 24, 0), byteAt('iloc', 25, 0))],
    ['whose data is cut off', opaque(byteAt('iloc', 22, 1))],
    ['whose data is in two places', described(byteAt('iloc', 27, 1))],
    ['whose data is not in its file', () => placed(1)],
    ['with metadata in its frame', withData((data) => Buffer.concat([data, METADATA]))],
    ['with two frames', withData((data) => Buffer.concat([data, frameOf(data)]))],
    ['without a frame', withData((data) => data.subarray(0, data.length - frameOf(data).length))],
    ['without a sequence header', withData(frameOf)],
    ['with a frame that is cut off', withData((data) => data.subarray(0, -1))],
    ['with a thousand parts of a frame', withData(inParts(1000))],
    ['that has more than 8 bits', async () => avifOf({ color: await deepAv1() })],
    ['without contents', () => Promise.resolve(box('ftyp', Buffer.from('avif\0\0\0\0avif')))],
  ])('%s', async (_why, make) => {
    expect(avifWithXmp(await make(), 'XMP')).toBeUndefined();
  });
});

async function deepAv1(): Promise<Av1> {
  const [color] = await av1Of(await redAndBlue().removeAlpha().png().toBuffer(), { bitdepth: 10 });
  if (color === undefined) throw new Error('expected an image');
  // The properties say 8.
  const [version = 0, level = 0, planes = 0] = color.configuration.subarray(8);
  return { ...color, configuration: box('av1C', Buffer.of(version, level, planes & 0x3f, 0)) };
}

describe('an AVIF is kept', () => {
  it.each<[why: string, make: () => Promise<Buffer>]>([
    ['with transparency', changed()],
    ['without transparency', opaque()],
    ['with a description', described()],
    ['in grey', async () => avifOf({ color: await greyAv1() })],
    ['with the code points of sRGB', withProperties(nclx(1, 13))],
    ['with the code points of video, which browsers show as sRGB', withProperties(nclx(1, 1))],
    ['with the code points of sRGB in its sequence header', () => told(1)],
    ['of limited range, which decoders expand in color', withProperties(nclx(1, 13, false))],
    ['whose table of places has another version', () => placed(0)],
    ['without the depth of its samples', changed(byteAt('ipma', 17, 0))],
    [
      'whose configuration has a copy of its sequence header',
      async () => {
        const { color, alpha } = await av1s();
        const header = color.data.subarray(2, color.data.length - frameOf(color.data).length);
        const configuration = box('av1C', color.configuration.subarray(8), header);
        return avifOf({ color: { ...color, configuration }, alpha });
      },
    ],
    [
      'with what does not belong to its picture',
      changed(withEnd(box('free', Buffer.of(1)), box('uuid', Buffer.alloc(16)))),
    ],
  ])('%s', async (_why, make) => {
    const source = await make();
    const kept = avifWithXmp(source, 'XMP');
    expect(await pixels(kept)).toEqual(await pixels(source));
    expect((await sharp(kept).metadata()).xmpAsString).toBe('XMP');
  });
});
