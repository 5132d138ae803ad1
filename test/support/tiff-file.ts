/** TIFFs, field by field. https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, section 2 */

const ASCII = 2;
const SHORT = 3;
const LONG = 4;
const BYTES: Readonly<Record<number, number>> = { [ASCII]: 1, [SHORT]: 2, [LONG]: 4 };

export interface TiffImage {
  width: number;
  height: number;
  /** Of each sample. */
  bits: number;
  samples: number;
  photometric: number;
  /** Its pixels, in one strip. */
  data: Uint8Array;
  /** Fields of 16 bits, by tag. */
  fields?: Readonly<Record<number, readonly number[]>>;
  /** Fields of text, by tag. */
  texts?: Readonly<Record<number, string>>;
  /** A JPEG beside the pixels. */
  jpeg?: Uint8Array;
  /** Images in `SubIFDs`. */
  inside?: readonly TiffImage[];
}

type Field = readonly [tag: number, type: number, values: readonly number[]];

/**
 * Returns a TIFF with these pages.
 * @param mark follows the header
 */
export function tiffFile(pages: readonly TiffImage[], mark = ''): Buffer {
  const header = Buffer.from(`II*\0\0\0\0\0${mark}`, 'latin1');
  const chunks: Buffer[] = [header];
  let length = header.byteLength;
  const append = (bytes: Uint8Array): number => {
    const at = length;
    const padded = Buffer.concat([bytes, Buffer.alloc(bytes.byteLength % 2)]);
    chunks.push(padded);
    length += padded.byteLength;
    return at;
  };
  const appendPage = (page: TiffImage): { at: number; directory: Buffer } => {
    const strip = append(page.data);
    const inside = (page.inside ?? []).map((image) => appendPage(image).at);
    const jpeg = page.jpeg === undefined ? undefined : { at: append(page.jpeg), bytes: page.jpeg.byteLength };
    const directory = directoryOf(fieldsOf(page, { strip, inside, jpeg }), append);
    return { at: append(directory), directory: chunks.at(-1) ?? directory };
  };
  let pointer: { bytes: Buffer; at: number } = { bytes: header, at: 4 };
  for (const page of pages) {
    const { at, directory } = appendPage(page);
    pointer.bytes.writeUInt32LE(at, pointer.at);
    pointer = { bytes: directory, at: directory.byteLength - 4 };
  }
  return Buffer.concat(chunks);
}

interface Places {
  strip: number;
  inside: readonly number[];
  jpeg: { at: number; bytes: number } | undefined;
}

function fieldsOf(page: TiffImage, { strip, inside, jpeg }: Places): Field[] {
  const fields: Record<number, readonly [number, readonly number[]]> = {
    256: [LONG, [page.width]],
    257: [LONG, [page.height]],
    258: [SHORT, Array.from({ length: page.samples }, () => page.bits)],
    259: [SHORT, [1]],
    262: [SHORT, [page.photometric]],
    273: [LONG, [strip]],
    277: [SHORT, [page.samples]],
    278: [LONG, [page.height]],
    279: [LONG, [page.data.byteLength]],
    284: [SHORT, [1]],
    ...(inside.length === 0 ? {} : { 330: [LONG, inside] }),
    ...(jpeg === undefined ? {} : { 513: [LONG, [jpeg.at]], 514: [LONG, [jpeg.bytes]] }),
  };
  for (const [tag, values] of Object.entries(page.fields ?? {})) fields[Number(tag)] = [SHORT, values];
  for (const [tag, text] of Object.entries(page.texts ?? {}))
    fields[Number(tag)] = [ASCII, [...Buffer.from(`${text}\0`)]];
  return Object.entries(fields).map(([tag, [type, values]]) => [Number(tag), type, values]);
}

/** Each directory ends with the offset of the next. Tags of an object are in order. */
function directoryOf(fields: readonly Field[], append: (bytes: Uint8Array) => number): Buffer {
  const directory = Buffer.alloc(2 + fields.length * 12 + 4);
  directory.writeUInt16LE(fields.length);
  for (const [index, [tag, type, values]] of fields.entries()) {
    const at = 2 + index * 12;
    const size = BYTES[type] ?? 4;
    const bytes = Buffer.alloc(Math.max(4, values.length * size));
    for (const [each, value] of values.entries()) bytes.writeUIntLE(value, each * size, size);
    directory.writeUInt16LE(tag, at);
    directory.writeUInt16LE(type, at + 2);
    directory.writeUInt32LE(values.length, at + 4);
    if (bytes.byteLength === 4) bytes.copy(directory, at + 8);
    else directory.writeUInt32LE(append(bytes), at + 8);
  }
  return directory;
}
