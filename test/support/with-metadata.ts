import { av1sIn, avifOf, box, boxOf } from './avif.ts';
import { pngChunk } from './png.ts';

/**
 * What may not be in a result. It is in all kinds of metadata of the images here. Longer than a table of a JPEG, so that
 * damage cannot make it part of a picture.
 */
export const SECRET =
  'taken at home, 51.50853 N 0.12574 W, by Ada Lovelace, 12 Crescent Road, on 10 December 2015 at 09:41:00ZZ';

/** Returns a segment of a JPEG. */
export function jpegSegment(marker: number, data: Buffer | string): Buffer {
  const payload = typeof data === 'string' ? Buffer.from(data, 'latin1') : data;
  const head = Buffer.of(0xff, marker, 0, 0);
  head.writeUInt16BE(payload.length + 2, 2);
  return Buffer.concat([head, payload]);
}

/** Returns a chunk of a WebP. */
export function webpChunk(type: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(type, 'latin1');
  head.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
}

/** Returns a WebP of these chunks. */
export function webpOf(...chunks: readonly Buffer[]): Buffer {
  return webpChunk('RIFF', Buffer.concat([Buffer.from('WEBP', 'latin1'), ...chunks]));
}

/** Returns the chunks of a WebP, each with its header and padding. */
export function webpChunksOf(webp: Buffer): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 12; at < webp.length;) {
    const bytes = webp.readUInt32LE(at + 4);
    const end = at + 8 + bytes + (bytes % 2);
    chunks.push(webp.subarray(at, end));
    at = end;
  }
  return chunks;
}

/** Returns EXIF with the secret as the camera's make. */
function exif(): Buffer {
  const text = Buffer.from(`${SECRET} `.repeat(6), 'latin1');
  const directory = Buffer.alloc(26);
  directory.write('MM\0*', 'latin1');
  directory.writeUInt32BE(8, 4);
  directory.writeUInt16BE(1, 8);
  directory.writeUInt16BE(0x01_0f, 10);
  directory.writeUInt16BE(2, 12);
  directory.writeUInt32BE(text.length, 14);
  directory.writeUInt32BE(26, 18);
  return Buffer.concat([directory, text]);
}

const xmp = () => `<x:xmpmeta xmlns:x="adobe:ns:meta/">${SECRET}</x:xmpmeta>`;

/** Returns the metadata that a JPEG has after its first marker: EXIF with a thumbnail, XMP, a comment and others. */
export function jpegMetadata(thumbnail: Buffer): Buffer {
  return Buffer.concat([
    jpegSegment(0xe0, Buffer.concat([Buffer.from('JFXX\0\x10', 'latin1'), thumbnail])),
    jpegSegment(0xe1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), exif(), thumbnail])),
    jpegSegment(0xe1, `http://ns.adobe.com/xap/1.0/\0${xmp()}`),
    jpegSegment(0xe2, `MPF\0${SECRET}`),
    jpegSegment(0xed, `Photoshop 3.0\0${SECRET}`),
    jpegSegment(0xfe, SECRET),
  ]);
}

/** Returns a JPEG with metadata before, in and after its picture. The picture is not changed. */
export function jpegWithMetadata(jpeg: Buffer): Buffer {
  const thumbnail = Buffer.concat([jpeg.subarray(0, 200), Buffer.from(SECRET), Buffer.of(0xff, 0xd9)]);
  const tables = jpeg.indexOf(Buffer.of(0xff, 0xdb));
  return Buffer.concat([
    jpeg.subarray(0, tables),
    jpegMetadata(thumbnail),
    // Any number of 0xff precedes a marker.
    Buffer.of(0xff, 0xff),
    jpeg.subarray(tables),
    // A second picture, as phones append it.
    jpeg,
    Buffer.from(SECRET),
  ]);
}

/** Returns a PNG with metadata before, after and behind its picture. */
export function pngWithMetadata(png: Buffer): Buffer {
  const text = (keyword: string) => pngChunk('tEXt', Buffer.from(`${keyword}\0${SECRET}`, 'latin1'));
  const [pixels, end] = [png.indexOf('IDAT') - 4, png.length - 12];
  return Buffer.concat([
    png.subarray(0, pixels),
    text('Comment'),
    pngChunk('eXIf', exif()),
    pngChunk('iTXt', Buffer.from(`XML:com.adobe.xmp\0\0\0\0\0${xmp()}`, 'latin1')),
    pngChunk('prVt', Buffer.from(SECRET)),
    png.subarray(pixels, end),
    text('Author'),
    png.subarray(end),
    // The rest of another file, as an editor left it that shortened a picture.
    text('Comment'),
    png.subarray(end),
    Buffer.from(SECRET),
  ]);
}

/** Returns a WebP with metadata before and behind its picture. */
export function webpWithMetadata(webp: Buffer, width: number, height: number, hasAlpha = false): Buffer {
  const header = Buffer.alloc(10);
  header[0] = 0x0c | (hasAlpha ? 0x10 : 0);
  header.writeUIntLE(width - 1, 4, 3);
  header.writeUIntLE(height - 1, 7, 3);
  const picture = webpChunksOf(webp).filter((chunk) =>
    /^(VP8 |VP8L|ALPH)/.test(chunk.toString('latin1', 0, 4)),
  );
  const file = webpOf(
    webpChunk('VP8X', header),
    webpChunk('PRIV', Buffer.from(SECRET)),
    ...picture,
    webpChunk('EXIF', exif()),
    webpChunk('XMP ', Buffer.from(xmp())),
  );
  return Buffer.concat([file, Buffer.from(SECRET)]);
}

/** Returns an AVIF by sharp with metadata in items, in boxes of its own and in bytes that no item has. */
export function avifWithMetadata(avif: Buffer, size: { width: number; height: number }): Buffer {
  const [color, alpha] = av1sIn(avif, size);
  const codes = boxOf(avif, 'colr');
  if (color === undefined) throw new Error('expected an image');
  const file = avifOf({
    color,
    alpha,
    properties: codes === undefined ? [] : [codes],
    descriptions: [
      ['Exif', Buffer.concat([Buffer.alloc(4), exif()])],
      ['mime', Buffer.from(xmp())],
    ],
    unused: Buffer.from(SECRET),
  });
  return Buffer.concat([file, box('uuid', Buffer.from(SECRET)), box('free', Buffer.from(SECRET))]);
}
