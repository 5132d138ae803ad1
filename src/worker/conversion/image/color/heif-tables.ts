import { boxesIn, fills, type Box } from './isobmff.ts';
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
  /**
   * Whether each table has exactly the entries that it declares, one for each item, in a form that all readers know.
   * Otherwise, readers can disagree about them.
   */
  areExact: boolean;
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

/** Called with whether something in a table is as all readers expect it. */
type Check = (isExact: boolean) => void;

/** @param meta the body of the `meta` box */
export function heifTables(meta: Buffer): HeifTables {
  let areExact = true;
  const check: Check = (isExact) => void (areExact &&= isExact);
  const boxes = boxesIn(meta.subarray(FULL));
  const bodyOf = (type: string) => boxes.find((box) => box.type === type)?.body;
  const parts = boxesIn(bodyOf('iprp') ?? Buffer.alloc(0));
  const [pitm, iinf, iref, iloc] = ['pitm', 'iinf', 'iref', 'iloc'].map(bodyOf);
  const tables = {
    boxes,
    primary: pitm === undefined ? 0 : primaryIn(pitm, check),
    infos: iinf === undefined ? [] : infosIn(iinf, check),
    properties: parts.flatMap(({ type, body }) => (type === 'ipco' ? boxesIn(body) : [])),
    associations: parts.flatMap(({ type, body }) => (type === 'ipma' ? associationsIn(body, check) : [])),
    references: iref === undefined ? [] : referencesIn(iref, check),
    locations: iloc === undefined ? [] : locationsIn(iloc, check),
  };
  return { ...tables, areExact };
}

function opened(box: Buffer): { version: number; flags: number; read: Reader } {
  const read = reader(box);
  return { version: read.bytes(1), flags: read.bytes(3), read };
}

function primaryIn(pitm: Buffer, check: Check): number {
  const { version, read } = opened(pitm);
  const id = read.bytes(version === 0 ? 2 : 4);
  check(version < 2 && read.isExhausted());
  return id;
}

function infosIn(iinf: Buffer, check: Check): ItemInfo[] {
  const { version, read } = opened(iinf);
  const countBytes = version === 0 ? 2 : 4;
  const count = read.bytes(countBytes);
  const entries = iinf.subarray(FULL + countBytes);
  const boxes = boxesIn(entries);
  check(version < 2 && boxes.length === count && fills(boxes, entries));
  return boxes.map(({ type: box, body }) => {
    const info = opened(body);
    const id = info.read.bytes(info.version < 3 ? 2 : 4);
    // Protection.
    info.read.skipBytes(2);
    check(box === 'infe' && (info.version === 2 || info.version === 3));
    const type = info.version < 2 ? '' : String.fromCodePoint(...[1, 1, 1, 1].map(info.read.bytes));
    return { id, type };
  });
}

function associationsIn(ipma: Buffer, check: Check): Association[] {
  const { version, flags, read } = opened(ipma);
  const found: Association[] = [];
  const ids = new Set<number>();
  const entries = read.bytes(4);
  let left = entries;
  for (; left > 0 && !read.isAtEnd(); left -= 1) {
    const id = read.bytes(version === 0 ? 2 : 4);
    ids.add(id);
    for (let count = read.bytes(1); count > 0; count -= 1) {
      // The `essential` bit does not matter here.
      read.bits(1);
      found.push({ id, index: read.bits((flags & 1) === 0 ? 7 : 15) });
    }
  }
  check(version < 2 && left === 0 && read.isExhausted() && ids.size === entries);
  return found;
}

function referencesIn(iref: Buffer, check: Check): Reference[] {
  const { version } = opened(iref);
  const idBytes = version === 0 ? 2 : 4;
  const entries = iref.subarray(FULL);
  const boxes = boxesIn(entries);
  check(version < 2 && (boxes.length === 0 || fills(boxes, entries)));
  return boxes.flatMap(({ type, body }) => {
    const read = reader(body);
    const from = read.bytes(idBytes);
    const count = Math.min(read.bytes(2), body.length);
    const found = Array.from({ length: count }, () => ({ type, from, to: read.bytes(idBytes) }));
    check(read.isExhausted());
    return found;
  });
}

/** Sizes of numbers in bytes. Readers do not read others, or not in the same way. */
const SIZES: ReadonlySet<number> = new Set([0, 4, 8]);

function locationsIn(iloc: Buffer, check: Check): Location[] {
  const { version, read } = opened(iloc);
  const [offsetBytes = 0, lengthBytes = 0, baseBytes = 0, lastBytes = 0] = [4, 4, 4, 4].map(read.bits);
  const indexBytes = version === 0 ? 0 : lastBytes;
  const found: Location[] = [];
  const items = read.bytes(version < 2 ? 2 : 4);
  for (let left = items; left > 0 && !read.isAtEnd(); left -= 1) {
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
  check(version < 3 && found.length === items && read.isExhausted());
  check(lastBytes === 0 && [offsetBytes, lengthBytes, baseBytes].every((size) => SIZES.has(size)));
  return found;
}
