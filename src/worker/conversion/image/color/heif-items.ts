import { boxesIn, type Box } from './isobmff.ts';
import { reader, type Reader } from './reader.ts';

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

/** After the version and flags of a full box. */
const FULL = 4;

/** Returns the items, or undefined if the file has none. */
export function heifItems(file: Uint8Array): HeifItems | undefined {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const meta = boxesIn(bytes).find(({ type }) => type === 'meta');
  if (meta === undefined) return undefined;
  const boxes = boxesIn(meta.body.subarray(FULL));
  const only = (type: string) => boxes.find((box) => box.type === type)?.body;
  const parts = boxesIn(only('iprp') ?? Buffer.alloc(0));
  const properties = parts.flatMap(({ type, body }) => (type === 'ipco' ? boxesIn(body) : []));
  const associations = parts.flatMap(({ type, body }) => (type === 'ipma' ? associationsIn(body) : []));
  const references = referencesIn(only('iref') ?? Buffer.alloc(FULL));
  const locations = locationsIn(only('iloc') ?? Buffer.alloc(FULL));
  const idat = only('idat') ?? Buffer.alloc(0);
  return {
    primary: primaryIn(only('pitm') ?? Buffer.alloc(FULL)),
    propertiesOf: (item) =>
      associations.flatMap(({ id, index }) => (id === item ? properties.slice(index - 1, index) : [])),
    referringTo: (item, type) =>
      references.flatMap((each) => (each.to === item && each.type === type ? [each.from] : [])),
    referredFrom: (item, type) =>
      references.flatMap((each) => (each.from === item && each.type === type ? [each.to] : [])),
    dataOf(item) {
      const found = locations.find(({ id }) => id === item);
      if (found === undefined) return Buffer.alloc(0);
      const { offset, length } = found;
      return (found.inIdat ? idat : bytes).subarray(offset, length === 0 ? undefined : offset + length);
    },
  };
}

function opened(box: Buffer): { version: number; flags: number; read: Reader } {
  const read = reader(box);
  return { version: read.bytes(1), flags: read.bytes(3), read };
}

function primaryIn(pitm: Buffer): number {
  const { version, read } = opened(pitm);
  return read.bytes(version === 0 ? 2 : 4);
}

interface Association {
  id: number;
  /** From 1. */
  index: number;
}

function associationsIn(ipma: Buffer): Association[] {
  const { version, flags, read } = opened(ipma);
  const found: Association[] = [];
  for (let entries = read.bytes(4); entries > 0 && !read.isAtEnd(); entries -= 1) {
    const id = read.bytes(version === 0 ? 2 : 4);
    for (let count = read.bytes(1); count > 0; count -= 1) {
      // The `essential` bit does not matter here.
      read.bits(1);
      found.push({ id, index: read.bits((flags & 1) === 0 ? 7 : 15) });
    }
  }
  return found;
}

interface Reference {
  type: string;
  from: number;
  to: number;
}

function referencesIn(iref: Buffer): Reference[] {
  const idBytes = opened(iref).version === 0 ? 2 : 4;
  return boxesIn(iref.subarray(FULL)).flatMap(({ type, body }) => {
    const read = reader(body);
    const from = read.bytes(idBytes);
    const count = Math.min(read.bytes(2), body.length);
    return Array.from({ length: count }, () => ({ type, from, to: read.bytes(idBytes) }));
  });
}

interface Location {
  id: number;
  inIdat: boolean;
  offset: number;
  /** 0 for all. */
  length: number;
}

const IDAT = 1;

function locationsIn(iloc: Buffer): Location[] {
  const { version, read } = opened(iloc);
  const [offsetBytes = 0, lengthBytes = 0, baseBytes = 0, lastBytes = 0] = [4, 4, 4, 4].map(read.bits);
  const indexBytes = version === 0 ? 0 : lastBytes;
  const found: Location[] = [];
  for (let items = read.bytes(version < 2 ? 2 : 4); items > 0 && !read.isAtEnd(); items -= 1) {
    const id = read.bytes(version < 2 ? 2 : 4);
    const inIdat = version > 0 && (read.bytes(2) & 0xf) === IDAT;
    read.skipBytes(2);
    const base = read.bytes(baseBytes);
    const extents = read.bytes(2);
    read.skipBytes(indexBytes);
    found.push({ id, inIdat, offset: base + read.bytes(offsetBytes), length: read.bytes(lengthBytes) });
    read.skipBytes((extents - 1) * (indexBytes + offsetBytes + lengthBytes));
  }
  return found;
}
