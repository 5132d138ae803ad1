import { boxesIn, type Box } from './isobmff.ts';
import { heifTables } from './heif-tables.ts';

/** The items of a HEIF file: https://www.iso.org/standard/83650.html (ISO/IEC 23008-12). */
export interface HeifItems {
  primary: number;
  /** Returns an item's properties. */
  propertiesOf(item: number): Box[];
  /** Returns the items with a reference of this type to an item. */
  referringTo(item: number, type: string): number[];
  /** Returns the items to which an item has references of this type. */
  referredFrom(item: number, type: string): number[];
  /** Returns an item's first bytes in the file. */
  dataOf(item: number): Buffer;
}

/** Of an item's bytes, in `idat`. */
const IDAT = 1;

/** Returns the items, or undefined if the file has none. */
export function heifItems(file: Uint8Array): HeifItems | undefined {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const meta = boxesIn(bytes).find(({ type }) => type === 'meta');
  if (meta === undefined) return undefined;
  const { boxes, primary, properties, associations, references, locations } = heifTables(meta.body);
  const idat = boxes.find(({ type }) => type === 'idat')?.body ?? Buffer.alloc(0);
  return {
    primary,
    propertiesOf: (item) =>
      associations.flatMap(({ id, index }) => (id === item ? properties.slice(index - 1, index) : [])),
    referringTo: (item, type) =>
      references.flatMap((each) => (each.to === item && each.type === type ? [each.from] : [])),
    referredFrom: (item, type) =>
      references.flatMap((each) => (each.from === item && each.type === type ? [each.to] : [])),
    dataOf(item) {
      const found = locations.find(({ id }) => id === item);
      if (found === undefined) return Buffer.alloc(0);
      const { construction, offset, length } = found;
      const source = construction === IDAT ? idat : bytes;
      return source.subarray(offset, length === 0 ? undefined : offset + length);
    },
  };
}
