import { expect } from 'vitest';
import sharp, { type AvifOptions } from 'sharp';

/** AVIF files with properties that sharp does not write: https://aomediacodec.github.io/av1-avif */

/** One image in AV1, and the property that configures its decoder. */
export interface Av1 {
  data: Buffer;
  configuration: Buffer;
  width: number;
  height: number;
}

const LOSSLESS_ENOUGH: AvifOptions = { quality: 100, effort: 0, chromaSubsampling: '4:4:4' };

/** Returns what sharp encodes: the image and, if it has alpha, that. */
export async function av1Of(png: Uint8Array, options: AvifOptions = {}): Promise<Av1[]> {
  const { data: avif, info } = await sharp(png)
    .avif({ ...LOSSLESS_ENOUGH, ...options })
    .toBuffer({ resolveWithObject: true });
  return av1sIn(avif, info);
}

/** Returns the images in an AVIF by sharp or of `avifOf`, without metadata. */
export function av1sIn(avif: Buffer, { width, height }: { width: number; height: number }): Av1[] {
  // Version 0 with four bytes per number, and one extent for each item. libheif also writes base offsets.
  const iloc = avif.indexOf('iloc') + 10;
  const base = (avif[iloc - 1] ?? 0) >> 4;
  return Array.from({ length: avif.readUInt16BE(iloc) }, (_, index) => {
    const at = iloc + 2 + index * (14 + base);
    const start = (base > 0 ? avif.readUInt32BE(at + 4) : 0) + avif.readUInt32BE(at + base + 6);
    const data = avif.subarray(start, start + avif.readUInt32BE(at + base + 10));
    let property = 0;
    for (let nth = 0; nth <= index; nth += 1) property = avif.indexOf('av1C', property + 4);
    const configuration = boxAt(avif, property);
    return { data, configuration, width, height };
  });
}

/** Returns the first box of a type, if there is one. */
export function boxOf(file: Buffer, type: string): Buffer | undefined {
  const at = file.indexOf(type);
  return at < 0 ? undefined : boxAt(file, at);
}

/** @param at where its type is */
function boxAt(file: Buffer, at: number): Buffer {
  return file.subarray(at - 4, at - 4 + file.readUInt32BE(at - 4));
}

/** Returns grey pixels in one plane: sharp encodes only alpha so. */
export async function monochromeAv1(png: Uint8Array, options?: AvifOptions): Promise<Av1> {
  const grey = await sharp(png).extractChannel('green').toBuffer();
  const opaque = await sharp(png).removeAlpha().png().toBuffer();
  const withAlpha = await sharp(opaque).joinChannel(grey).png().toBuffer();
  const [, alpha] = await av1Of(withAlpha, options);
  if (alpha === undefined) throw new Error('expected alpha');
  return alpha;
}

/** Returns the same planes, said to be of limited range. */
export function limitedRange(av1: Av1): Av1 {
  const data = Buffer.from(av1.data);
  const bitsOf = (side: number) => Math.ceil(Math.log2(side));
  // A temporal delimiter, and the sequence header's own header. In the sequence header of a still picture in one plane
  // without code points, these fields come before the range: section 5.5 of https://aomediacodec.github.io/av1-spec
  const bit = (2 + 2) * 8 + 5 + 5 + 8 + bitsOf(av1.width) + bitsOf(av1.height) + 3 + 3 + 3;
  const mask = 0x80 >> (bit & 7);
  expect((data[bit >> 3] ?? 0) & mask).toBe(mask);
  data[bit >> 3] = (data[bit >> 3] ?? 0) & ~mask;
  return { ...av1, data };
}

/** Code points of ITU-T H.273, beside the matrix of BT.601, which sharp uses. */
export function nclx(primaries: number, transfer: number, fullRange = true): Buffer {
  const codes = Buffer.from([0, primaries, 0, transfer, 0, 6, fullRange ? 0x80 : 0]);
  return box('colr', Buffer.from('nclx'), codes);
}

export const prof = (icc: Buffer) => box('colr', Buffer.from('prof'), icc);

/** @param brightest in cd/m² */
export const clli = (brightest: number) => box('clli', u16(brightest), u16(0));

interface AvifParts {
  color: Av1;
  alpha?: Av1 | undefined;
  /** Of the color: `nclx` and `prof`. */
  properties?: readonly Buffer[];
  /** Items that describe the image, by their types: `Exif`, or `mime` for XMP. */
  descriptions?: readonly (readonly [type: string, data: Buffer])[];
  /** Bytes in the media data to which nothing refers. */
  unused?: Buffer;
  /** Frames, each of a tenth of a second. */
  animation?: readonly Av1[];
  /** The animation alone: a file without items. */
  hasNoStill?: boolean;
}

/** Returns a file with one image. */
export function avifOf(parts: AvifParts): Buffer {
  const { color, alpha, properties = [], descriptions = [], unused = Buffer.alloc(0) } = parts;
  const { animation, hasNoStill } = parts;
  const images = alpha === undefined ? [color] : [color, alpha];
  const size = (of: Av1) => fullBox('ispe', u32(of.width), u32(of.height));
  const depth = (channels: number) =>
    fullBox('pixi', Buffer.from([channels, ...Array.from({ length: channels }, () => 8)]));
  const isAlpha = fullBox('auxC', Buffer.from('urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0'));
  const own = images.map((each, index) => [
    size(each),
    each.configuration,
    depth(isMonochrome(each) ? 1 : 3),
    ...(index === 0 ? properties : [isAlpha]),
  ]);
  let used = 0;
  const associations = own.map((each, index) =>
    Buffer.concat([u16(index + 1), Buffer.of(each.length, ...each.map(() => (used += 1)))]),
  );
  const infos = [
    ...images.map(() => Buffer.from('av01\0')),
    ...descriptions.map(([type]) => Buffer.from(type === 'mime' ? `${type}\0${XMP_TYPE}\0` : `${type}\0`)),
  ];
  const datas = [...images.map(({ data }) => data), ...descriptions.map(([, data]) => data)];
  const references = [
    ...(alpha === undefined ? [] : [box('auxl', u16(2), u16(1), u16(1))]),
    ...descriptions.map((_, index) => box('cdsc', u16(images.length + index + 1), u16(1), u16(1))),
  ];
  const brands = animation === undefined ? ['avif', 'mif1miaf'] : ['avis', 'avifmsf1mif1miaf'];
  const ftyp = box('ftyp', Buffer.from(brands[0] ?? ''), u32(0), Buffer.from(brands.join('')));
  const meta = (offset: number) =>
    fullBox(
      'meta',
      fullBox('hdlr', u32(0), Buffer.from('pict'), Buffer.alloc(13)),
      fullBox('pitm', u16(1)),
      fullBox('iloc', Buffer.of(0x44, 0), u16(datas.length), ...located(datas, offset)),
      box(
        'iinf',
        Buffer.alloc(4),
        u16(infos.length),
        ...infos.map((info, index) => fullBoxOf(2, 'infe', u16(index + 1), u16(0), info)),
      ),
      box('iprp', box('ipco', ...own.flat()), fullBox('ipma', u32(images.length), ...associations)),
      ...(references.length === 0 ? [] : [fullBox('iref', ...references)]),
    );
  const head = (mdatAt: number) => {
    const still = hasNoStill === true ? [] : [meta(mdatAt)];
    const framesAt = mdatAt + datas.reduce((sum, { length }) => sum + length, 0);
    return Buffer.concat([ftyp, ...still, ...(animation === undefined ? [] : [moovOf(animation, framesAt)])]);
  };
  const frames = (animation ?? []).map(({ data }) => data);
  return Buffer.concat([head(head(0).length + 8), box('mdat', ...datas, ...frames, unused)]);
}

const isMonochrome = ({ configuration }: Av1) => ((configuration[10] ?? 0) & 0x10) !== 0;

const XMP_TYPE = 'application/rdf+xml';

/**
 * Describes frames one after another: ISO/IEC 14496-12, section 8.
 * @param at where the first is in the file
 */
function moovOf(frames: readonly Av1[], at: number): Buffer {
  const [first] = frames;
  if (first === undefined) throw new Error('expected frames');
  const { width, height, configuration } = first;
  const matrix = Buffer.concat([0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000].map((value) => u32(value)));
  const [dates, timescale, duration] = [Buffer.alloc(8), u32(10), u32(frames.length)];
  const track = u32(1);
  const [rate, full] = [u32(0x10000), Buffer.of(1, 0)];
  const sampleEntry = box(
    'av01',
    Buffer.alloc(6),
    u16(1),
    Buffer.alloc(16),
    u16(width),
    u16(height),
    u32(0x480000),
    u32(0x480000),
    u32(0),
    u16(1),
    Buffer.alloc(32),
    u16(24),
    u16(0xffff),
    configuration,
  );
  const samples = box(
    'stbl',
    fullBox('stsd', u32(1), sampleEntry),
    fullBox('stts', u32(1), duration, u32(1)),
    fullBox('stsc', u32(1), u32(1), duration, u32(1)),
    fullBox('stsz', u32(0), duration, ...frames.map(({ data }) => u32(data.length))),
    fullBox('stco', u32(1), u32(at)),
  );
  const here = box('dref', u32(0), u32(1), box('url ', u32(1)));
  const media = box(
    'mdia',
    fullBox('mdhd', dates, timescale, duration, u32(0)),
    fullBox('hdlr', u32(0), Buffer.from('pict'), Buffer.alloc(13)),
    box('minf', box('vmhd', u32(1), Buffer.alloc(8)), box('dinf', here), samples),
  );
  const tkhd = box(
    'tkhd',
    u32(3),
    dates,
    track,
    u32(0),
    duration,
    Buffer.alloc(16),
    matrix,
    u32(width * 0x10000),
    u32(height * 0x10000),
  );
  return box(
    'moov',
    fullBox(
      'mvhd',
      dates,
      timescale,
      duration,
      rate,
      full,
      Buffer.alloc(10),
      matrix,
      Buffer.alloc(24),
      u32(2),
    ),
    box('trak', tkhd, media),
  );
}

function located(datas: readonly Buffer[], offset: number): Buffer[] {
  let at = offset;
  return datas.map((data, index) => {
    const entry = Buffer.concat([u16(index + 1), u16(0), u16(1), u32(at), u32(data.length)]);
    at += data.length;
    return entry;
  });
}

export function u16(...values: number[]): Buffer {
  return Buffer.from(values.flatMap((value) => [value >> 8, value & 0xff]));
}

export function u32(...values: number[]): Buffer {
  return u16(...values.flatMap((value) => [value >>> 16, value & 0xffff]));
}

export function box(type: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([u32(8 + body.length), Buffer.from(type), body]);
}

const fullBoxOf = (version: number, type: string, ...parts: Buffer[]) =>
  box(type, Buffer.of(version, 0, 0, 0), ...parts);
export const fullBox = (type: string, ...parts: Buffer[]) => fullBoxOf(0, type, ...parts);
