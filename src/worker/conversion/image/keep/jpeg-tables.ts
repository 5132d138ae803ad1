import { JPEG_MARKER } from '../jpeg/segments.ts';

/** The tables of a JPEG that its scans need. Others, and those that are replaced before a scan, could hold anything. */
export interface JpegTables {
  /** Reads a segment of tables. Returns whether it has nothing but tables. */
  read(segment: Buffer): boolean;
  /** Returns the tables that a scan needs and that were not taken yet, as segments. */
  take(quantization: readonly number[], huffman: readonly number[]): Buffer[];
  /** Returns the definition of a Huffman table, from the byte with its id: `AC`, or 0 for DC, and its destination. */
  huffman(id: number): Buffer | undefined;
  /** Units between restart markers; 0 without them. */
  interval(): number;
}

/** The class of Huffman tables for AC coefficients, in the upper four bits of a table's id. */
export const AC = 0x10;
/** The id, and the number of codes of each length. */
export const HUFFMAN_HEAD_BYTES = 17;

const QUANTIZATION: ReadonlySet<number> = new Set([0x00, 0x01, 0x02, 0x03, 0x10, 0x11, 0x12, 0x13]);
const HUFFMAN: ReadonlySet<number> = new Set([0, 1, 2, 3, AC, AC + 1, AC + 2, AC + 3]);

export function jpegTables(): JpegTables {
  const quantization = new Map<number, Buffer>();
  const huffman = new Map<number, Buffer>();
  let interval = 0;
  /** Tables that were read and not taken. */
  const open = new Set<Buffer>();
  let openInterval: Buffer | undefined;

  function readInto(
    tables: Map<number, Buffer>,
    segment: Buffer,
    bytesOf: (table: Buffer) => number,
  ): boolean {
    for (let at = 4; at < segment.length;) {
      const table = segment.subarray(at, at + bytesOf(segment.subarray(at)));
      const id = table[0] ?? 0;
      const isKnown = tables === huffman ? HUFFMAN.has(id) : QUANTIZATION.has(id);
      if (!isKnown || table.length !== bytesOf(table)) return false;
      // The upper half is the precision of quantization tables, and the class of Huffman tables.
      tables.set(tables === huffman ? id : id & 0xf, table);
      open.add(table);
      at += table.length;
    }
    return true;
  }

  function taken(tables: ReadonlyMap<number, Buffer>, ids: readonly number[], marker: number): Buffer[] {
    return ids.flatMap((id) => {
      const table = tables.get(id);
      return table !== undefined && open.delete(table) ? jpegSegment(marker, table) : [];
    });
  }

  return {
    read(segment) {
      const marker = segment[1];
      if (marker === JPEG_MARKER.huffmanTables) return readInto(huffman, segment, huffmanBytes);
      if (marker === JPEG_MARKER.quantizationTables)
        return readInto(quantization, segment, quantizationBytes);
      if (segment.length !== 6) return false;
      interval = segment.readUInt16BE(4);
      openInterval = segment;
      return true;
    },
    take(ofQuantization, ofHuffman) {
      const segments = [
        ...taken(quantization, ofQuantization, JPEG_MARKER.quantizationTables),
        ...taken(huffman, ofHuffman, JPEG_MARKER.huffmanTables),
        ...(openInterval === undefined ? [] : [openInterval]),
      ];
      openInterval = undefined;
      return segments;
    },
    huffman: (id) => huffman.get(id),
    interval: () => interval,
  };
}

function quantizationBytes([id = 0]: Buffer): number {
  return id >> 4 === 0 ? 1 + 64 : 1 + 128;
}

function huffmanBytes(table: Buffer): number {
  return table.subarray(1, HUFFMAN_HEAD_BYTES).reduce((sum, count) => sum + count, HUFFMAN_HEAD_BYTES);
}

/** Returns a segment with its marker and length. */
export function jpegSegment(marker: number, payload: Buffer): Buffer {
  const head = Buffer.of(0xff, marker, 0, 0);
  head.writeUInt16BE(payload.length + 2, 2);
  return Buffer.concat([head, payload]);
}
