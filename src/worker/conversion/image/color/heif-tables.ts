import { boxesIn, type Box } from './isobmff.ts';
import { reader, type Reader } from './reader.ts';

/** The tables of the items in a HEIF file, as they are in its `meta` box. */
export interface HeifTables {
  /** All boxes in the `meta` box. */
  boxes: Box[];
  primary: number;
  infos: ItemInfo[];
  properties: Box[];
  associations: Association[];
  references: Reference[];
  locations: Location[];
}

export interface ItemInfo {
  id: number;
  /** Empty for a version without types, which is for other files. */
  type: string;
}

export interface Association {
  id: number;
  /** Of a property, from 1. */
  index: number;
}

export interface Reference {
  type: string;
  from: number;
  to: number;
}

export interface Location {
  id: number;
  /** Where the bytes are: in the file, in `idat` or in another item. */
  construction: number;
  /** The file that contains them; 0 for this one. */
  dataReference: number;
  /** Number of parts. The offset and length are those of the first. */
  extents: number;
  offset: number;
  /** 0 for all. */
  length: number;
}

/** After the version and flags of a full box. */
const FULL = 4;

/** @param meta the body of the `meta` box */
export function heifTables(meta: Buffer): HeifTables {
  const boxes = boxesIn(meta.subarray(FULL));
  const only = (type: string) => boxes.find((box) => box.type === type)?.body ?? Buffer.alloc(FULL);
  const parts = boxesIn(boxes.find(({ type }) => type === 'iprp')?.body ?? Buffer.alloc(0));
  return {
    boxes,
    primary: primaryIn(only('pitm')),
    infos: infosIn(only('iinf')),
    properties: parts.flatMap(({ type, body }) => (type === 'ipco' ? boxesIn(body) : [])),
    associations: parts.flatMap(({ type, body }) => (type === 'ipma' ? associationsIn(body) : [])),
    references: referencesIn(only('iref')),
    locations: locationsIn(only('iloc')),
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

function infosIn(iinf: Buffer): ItemInfo[] {
  const countBytes = opened(iinf).version === 0 ? 2 : 4;
  return boxesIn(iinf.subarray(FULL + countBytes)).map(({ body }) => {
    const { version, read } = opened(body);
    const id = read.bytes(version < 3 ? 2 : 4);
    // Protection.
    read.skipBytes(2);
    const type = version < 2 ? '' : String.fromCodePoint(...[1, 1, 1, 1].map(read.bytes));
    return { id, type };
  });
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

function referencesIn(iref: Buffer): Reference[] {
  const idBytes = opened(iref).version === 0 ? 2 : 4;
  return boxesIn(iref.subarray(FULL)).flatMap(({ type, body }) => {
    const read = reader(body);
    const from = read.bytes(idBytes);
    const count = Math.min(read.bytes(2), body.length);
    return Array.from({ length: count }, () => ({ type, from, to: read.bytes(idBytes) }));
  });
}

function locationsIn(iloc: Buffer): Location[] {
  const { version, read } = opened(iloc);
  const [offsetBytes = 0, lengthBytes = 0, baseBytes = 0, lastBytes = 0] = [4, 4, 4, 4].map(read.bits);
  const indexBytes = version === 0 ? 0 : lastBytes;
  const found: Location[] = [];
  for (let items = read.bytes(version < 2 ? 2 : 4); items > 0 && !read.isAtEnd(); items -= 1) {
    const id = read.bytes(version < 2 ? 2 : 4);
    const construction = version > 0 ? read.bytes(2) & 0xf : 0;
    const dataReference = read.bytes(2);
    const base = read.bytes(baseBytes);
    const extents = read.bytes(2);
    read.skipBytes(indexBytes);
    const offset = base + read.bytes(offsetBytes);
    const length = read.bytes(lengthBytes);
    found.push({ id, construction, dataReference, extents, offset, length });
    read.skipBytes((extents - 1) * (indexBytes + offsetBytes + lengthBytes));
  }
  return found;
}
