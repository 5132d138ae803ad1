import { isDeepStrictEqual } from 'node:util';
import { obusIn } from '../color/av1-obus.ts';
import { sequenceHeaderIn, type SequenceHeader } from '../color/av1-sequence-header.ts';
import { fromCodes } from '../color/code-points.ts';
import { heifTables, type HeifTables } from '../color/heif-tables.ts';
import { boxesIn, fills, type Box } from '../color/isobmff.ts';
import { isSrgb } from '../color/rgb-space.ts';

/** A picture in sRGB, and its transparency. */
export interface AvifPicture {
  color: Av1Image;
  alpha: Av1Image | undefined;
}

/** An image in AV1, in full: https://aomediacodec.github.io/av1-avif, section 2. */
export interface Av1Image {
  header: SequenceHeader;
  /** Configures a decoder: the body of `av1C`. */
  configuration: Buffer;
  /** The code points of `colr`, if it has them. */
  codes: Buffer | undefined;
  /** The use of an auxiliary image: the body of `auxC`. */
  use: Buffer | undefined;
  /** The sequence header and the frame. */
  frame: Buffer;
}

/** Boxes that do not change the picture are allowed: unused space, and boxes that other programs add. */
const FILE = /^ftyp(,free|,skip|,uuid)*,meta(,free|,skip|,uuid|,mdat)*$/;
const META: ReadonlySet<string> = new Set(['hdlr', 'dinf', 'pitm', 'iloc', 'iinf', 'iprp', 'iref', 'free']);
/** Items that describe the picture. */
const DESCRIPTIONS: ReadonlySet<string> = new Set(['Exif', 'mime']);
const DESCRIBES = 'cdsc';
const AUXILIARY = 'auxl';
/** A picture with more items is not ordinary. */
const MOST_ITEMS = 10;

/**
 * Returns the picture in an ordinary AVIF: one image with 8 bits per channel in sRGB, with or without transparency, shown
 * as it is coded. Returns undefined if readers could disagree about it.
 */
export function avifPicture(avif: Buffer): AvifPicture | undefined {
  const boxes = boxesIn(avif);
  const meta = boxes.find(({ type }) => type === 'meta');
  if (meta === undefined || !fills(boxes, avif) || !FILE.test(typesOf(boxes))) return undefined;
  const tables = heifTables(meta.body);
  if (!isOrdinary(meta, tables)) return undefined;
  const [alphaItem, ...others] = tables.infos.filter(
    ({ id, type }) => id !== tables.primary && !DESCRIPTIONS.has(type),
  );
  if (others.length > 0 || !refers(tables, alphaItem?.id)) return undefined;
  const color = imageIn(avif, tables, tables.primary, COLOR);
  const alpha = alphaItem && imageIn(avif, tables, alphaItem.id, ALPHA);
  if (color === undefined || (alphaItem !== undefined && alpha === undefined)) return undefined;
  if (!hasSrgb(color)) return undefined;
  if (alpha === undefined) return { color, alpha };
  const { width, height } = color.header;
  // Otherwise, decoders would have to expand a limited range or scale the transparency, and not all do.
  const fits = alpha.header.fullRange && alpha.header.width === width && alpha.header.height === height;
  return fits ? { color, alpha } : undefined;
}

/** Returns whether the tables describe one picture, and nothing twice. */
function isOrdinary(meta: Box, { boxes, primary, infos, areExact }: HeifTables): boolean {
  const types = boxes.map(({ type }) => type);
  const properties = boxesIn(boxes.find(({ type }) => type === 'iprp')?.body ?? Buffer.alloc(0));
  const ids = new Set(infos.map(({ id }) => id));
  return (
    areExact &&
    fills(boxes, meta.body) &&
    types.every((type) => META.has(type)) &&
    new Set(types).size === types.length &&
    typesOf(properties) === 'ipco,ipma' &&
    infos.length <= MOST_ITEMS &&
    ids.size === infos.length &&
    infos.every(({ type }) => type === 'av01' || DESCRIPTIONS.has(type)) &&
    infos.some(({ id, type }) => id === primary && type === 'av01')
  );
}

/** Returns whether the only reference, except those of descriptions, is from the transparency to the primary item. */
function refers({ primary, references }: HeifTables, alpha: number | undefined): boolean {
  const found = references.filter(({ type }) => type !== DESCRIBES);
  const expected = alpha === undefined ? [] : [{ type: AUXILIARY, from: alpha, to: primary }];
  return isDeepStrictEqual(found, expected);
}

/** Properties that an image may have. */
const COLOR: ReadonlySet<string> = new Set(['ispe', 'pixi', 'av1C', 'colr']);
const ALPHA: ReadonlySet<string> = new Set(['ispe', 'pixi', 'av1C', 'auxC']);
const FULL = 4;
/** https://aomediacodec.github.io/av1-avif, section 4 */
const IS_ALPHA = Buffer.from('\0\0\0\0urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0', 'latin1');

function imageIn(
  avif: Buffer,
  tables: HeifTables,
  item: number,
  allowed: ReadonlySet<string>,
): Av1Image | undefined {
  const found = propertiesOf(item, tables) ?? [];
  const byType = new Map(found.map(({ type, body }) => [type, body]));
  if (byType.size < found.length || found.some(({ type }) => !allowed.has(type))) return undefined;
  const data = dataOf(item, avif, tables);
  const frame = data && frameIn(data);
  const header = frame && sequenceHeaderIn(frame);
  const configuration = byType.get('av1C');
  if (frame === undefined || header === undefined || configuration === undefined) return undefined;
  const [samples, codes, use] = ['pixi', 'colr', 'auxC'].map((type) => byType.get(type));
  const isAsTold =
    !header.isDeep &&
    byType.get('ispe')?.equals(sizeOf(header)) === true &&
    (samples === undefined || samples.equals(samplesOf(header))) &&
    (codes === undefined || isCodes(codes)) &&
    (allowed === COLOR || use?.equals(IS_ALPHA) === true) &&
    configures(configuration, header, frame);
  return isAsTold
    ? { header, configuration: configuration.subarray(0, CONFIGURATION_BYTES), codes, use, frame }
    : undefined;
}

/** Returns undefined if an item refers to a property that does not exist. */
function propertiesOf(item: number, { properties, associations }: HeifTables): Box[] | undefined {
  // 0 stands for no property.
  const own = associations
    .filter(({ id, index }) => id === item && index > 0)
    .map(({ index }) => properties[index - 1]);
  const found = own.filter((each) => each !== undefined);
  return found.length === own.length ? found : undefined;
}

/** Returns an item's bytes if they are in one piece. */
function dataOf(item: number, avif: Buffer, { locations }: HeifTables): Buffer | undefined {
  const [place, ...others] = locations.filter(({ id }) => id === item);
  if (place === undefined || others.length > 0) return undefined;
  const { construction, dataReference, extents, offset, length } = place;
  const isInFile = construction === 0 && dataReference === 0 && extents === 1;
  return isInFile && length > 0 && offset + length <= avif.length
    ? avif.subarray(offset, offset + length)
    : undefined;
}

const TEMPORAL_DELIMITER = 0x12;
/** The header bytes of a sequence header and of a frame or its parts. Each has a size and no other flags. */
const FRAME = /^0a(32|1a(22)+)$/;

/** Returns the sequence header and the only frame of a bitstream, without metadata, padding and other layers. */
function frameIn(bitstream: Buffer): Buffer | undefined {
  const headers: number[] = [];
  let [from, until] = [0, 0];
  for (const { header, end } of obusIn(bitstream)) {
    if (header === TEMPORAL_DELIMITER && headers.length === 0) from = end;
    else headers.push(header);
    until = end;
  }
  const isFrame = until === bitstream.length && FRAME.test(Buffer.from(headers).toString('hex'));
  return isFrame ? bitstream.subarray(from) : undefined;
}

export function sizeOf({ width, height }: SequenceHeader): Buffer {
  const size = Buffer.alloc(FULL + 8);
  size.writeUInt32BE(width, FULL);
  size.writeUInt32BE(height, FULL + 4);
  return size;
}

/** Returns the body of `pixi`: channels with 8 bits. */
export function samplesOf({ monochrome }: SequenceHeader): Buffer {
  return Buffer.from(monochrome ? [0, 0, 0, 0, 1, 8] : [0, 0, 0, 0, 3, 8, 8, 8]);
}

/** A copy of the sequence header may follow. */
const CONFIGURATION_BYTES = 4;
const MARKER_AND_VERSION = 0x81;
/** Depth, monochrome, and whether the resolution of colors is halved horizontally and vertically. */
const PLANES = 0x7c;
const MONOCHROME = 0x1c;
/** By `seq_profile`, for 8 bits: 4:2:0, 4:4:4 and 4:2:2. */
const SUBSAMPLING: readonly number[] = [0x0c, 0, 0x08];

/** Returns whether a configuration agrees with the bitstream's own header. */
function configures(configuration: Buffer, { profile, monochrome }: SequenceHeader, frame: Buffer): boolean {
  const [version, level = 0, planes = 0] = configuration;
  const copy = configuration.subarray(CONFIGURATION_BYTES);
  return (
    configuration.length >= CONFIGURATION_BYTES &&
    copy.equals(frame.subarray(0, copy.length)) &&
    version === MARKER_AND_VERSION &&
    level >> 5 === profile &&
    (planes & PLANES) === (monochrome ? MONOCHROME : SUBSAMPLING[profile])
  );
}

const NCLX = 'nclx';
const NCLX_BYTES = 11;
const FULL_RANGE = 0x80;

function isCodes(colors: Buffer): boolean {
  return colors.length === NCLX_BYTES && colors.toString('latin1', 0, 4) === NCLX;
}

const UNSPECIFIED = 2;
/** Those that all browsers know: RGB, BT.709, unspecified, and two of BT.601. */
const MATRICES: ReadonlySet<number> = new Set([0, 1, UNSPECIFIED, 5, 6]);

/** Returns whether browsers show an image as sRGB, and decoders need not expand its greys. */
function hasSrgb({ header, codes }: Av1Image): boolean {
  const [primaries, transfer, matrix] =
    codes === undefined
      ? (header.codes ?? [UNSPECIFIED, UNSPECIFIED, UNSPECIFIED])
      : [codes.readUInt16BE(4), codes.readUInt16BE(6), codes.readUInt16BE(8)];
  const isFull = codes === undefined ? header.fullRange : ((codes[10] ?? 0) & FULL_RANGE) !== 0;
  const space = fromCodes(primaries, transfer);
  const isUnspecified = primaries === UNSPECIFIED && transfer === UNSPECIFIED;
  const isNamed = isUnspecified || (space !== undefined && isSrgb(space));
  return isNamed && MATRICES.has(matrix) && (isFull || !header.monochrome);
}

function typesOf(boxes: readonly Box[]): string {
  return boxes.map(({ type }) => type).join();
}
