import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { jpegWithXmp } from '../../../src/worker/conversion/image/keep/jpeg.ts';
import { pngWithXmp } from '../../../src/worker/conversion/image/keep/png.ts';
import { webpWithXmp } from '../../../src/worker/conversion/image/keep/webp.ts';
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
