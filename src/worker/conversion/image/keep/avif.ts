import { avifPicture, samplesOf, sizeOf, type Av1Image } from './avif-picture.ts';

/**
 * Returns an AVIF with the same picture data and no metadata but an XMP packet: without EXIF, other items, and data that
 * no item refers to. Returns undefined unless it is an ordinary still in sRGB.
 */
export function avifWithXmp(avif: Buffer, packet: string): Buffer | undefined {
  const picture = avifPicture(avif);
  if (picture === undefined) return undefined;
  const { color, alpha } = picture;
  const images = alpha === undefined ? [color] : [color, alpha];
  const datas = [...images.map(({ frame }) => frame), Buffer.from(packet)];
  const brands = box('ftyp', text('avif'), u32(0), text('avifmif1miaf'));
  /** @param at where the first item is in the file */
  const meta = (at: number) =>
    full(
      'meta',
      full('hdlr', u32(0), text('pict'), Buffer.alloc(13)),
      full('pitm', u16(COLOR)),
      // Four bytes for each offset and length, and none for a base offset.
      full('iloc', Buffer.of(0x44, 0), u16(datas.length), ...located(datas, at)),
      full('iinf', u16(datas.length), ...images.map((_, index) => image(index + 1)), xmp(datas.length)),
      references(datas.length),
      properties(images),
    );
  const head = brands.length + meta(0).length + BOX_BYTES;
  return Buffer.concat([brands, meta(head), box('mdat', ...datas)]);
}

const BOX_BYTES = 8;
/** Item ids. That of the XMP is the last. */
const COLOR = 1;
const ALPHA = 2;

function located(datas: readonly Buffer[], first: number): Buffer[] {
  let at = first;
  return datas.map(({ length }, index) => {
    const [dataReference, extents] = [u16(0), u16(1)];
    const location = Buffer.concat([u16(index + 1), dataReference, extents, u32(at), u32(length)]);
    at += length;
    return location;
  });
}

const image = (id: number) => info(id, 'av01\0');
const xmp = (id: number) => info(id, 'mime\0application/rdf+xml\0');

function info(id: number, typeAndName: string): Buffer {
  const [version, protection] = [Buffer.of(2, 0, 0, 0), u16(0)];
  return box('infe', version, u16(id), protection, text(typeAndName));
}

/** @param last the id of the XMP */
function references(last: number): Buffer {
  const reference = (type: string, from: number) => box(type, u16(from), u16(1), u16(COLOR));
  return full('iref', ...(last > ALPHA ? [reference('auxl', ALPHA)] : []), reference('cdsc', last));
}

/** Before the number of a property that decoders must understand. */
const ESSENTIAL = 0x80;

function properties(images: readonly Av1Image[]): Buffer {
  const all: Buffer[] = [];
  const associations = images.map((each, index) => {
    const own = [
      { property: box('ispe', sizeOf(each.header)) },
      { property: box('pixi', samplesOf(each.header)) },
      { property: box('av1C', each.configuration), flag: ESSENTIAL },
      ...(each.codes === undefined ? [] : [{ property: box('colr', each.codes) }]),
      ...(each.use === undefined ? [] : [{ property: box('auxC', each.use) }]),
    ];
    const numbers = own.map(({ property, flag = 0 }) => flag | all.push(property));
    return Buffer.concat([u16(index + 1), Buffer.of(own.length, ...numbers)]);
  });
  return box('iprp', box('ipco', ...all), full('ipma', u32(images.length), ...associations));
}

function box(type: string, ...parts: readonly Buffer[]): Buffer {
  const bytes = parts.reduce((sum, { length }) => sum + length, BOX_BYTES);
  return Buffer.concat([u32(bytes), text(type), ...parts]);
}

/** Returns a box with a version and flags, which are 0. */
function full(type: string, ...parts: readonly Buffer[]): Buffer {
  return box(type, u32(0), ...parts);
}

function text(latin1: string): Buffer {
  return Buffer.from(latin1, 'latin1');
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
