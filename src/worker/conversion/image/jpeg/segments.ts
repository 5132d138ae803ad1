/** The segments of a JPEG. https://www.w3.org/Graphics/JPEG/itu-t81.pdf, annex B */

export const JPEG_MARKER = {
  huffmanTables: 0xc4,
  start: 0xd8,
  end: 0xd9,
  scan: 0xda,
  quantizationTables: 0xdb,
  restartInterval: 0xdd,
  app0: 0xe0,
  app1: 0xe1,
  app2: 0xe2,
  app14: 0xee,
  app15: 0xef,
  comment: 0xfe,
} as const;

export interface JpegSegment {
  marker: number;
  /** Where its marker begins. */
  at: number;
  /** Where its parameters end. Beyond the end of the file if it is cut off. */
  end: number;
  /** Where the coded data of a scan ends; `end` for other segments. */
  dataEnd: number;
  /** Whether bytes other than 0xff precede it, which belong to no segment. */
  skipped: boolean;
}

/**
 * Finds segments as decoders do, which skip other bytes between them, and allow any number of 0xff before a marker. The
 * last one is a start or an end marker, or has an impossible length, if the file does not just end.
 */
export function* jpegSegments(jpeg: Uint8Array): Generator<JpegSegment, void> {
  for (let from = 2; ;) {
    const at = nextMarker(jpeg, from);
    if (at === undefined) return;
    const marker = jpeg[at + 1] ?? 0;
    const skipped = jpeg.subarray(from, at).some((byte) => byte !== 0xff);
    if (marker === JPEG_MARKER.start || marker === JPEG_MARKER.end) {
      yield { marker, at, end: at + 2, dataEnd: at + 2, skipped };
      return;
    }
    const end = at + 2 + ((jpeg[at + 2] ?? 0) << 8) + (jpeg[at + 3] ?? 0);
    const isWhole = end >= at + 4 && end <= jpeg.byteLength;
    const dataEnd = isWhole && marker === JPEG_MARKER.scan ? endOfScan(jpeg, end) : end;
    yield { marker, at, end, dataEnd, skipped };
    if (!isWhole) return;
    from = dataEnd;
  }
}

const isRestart = (marker: number) => marker >= 0xd0 && marker <= 0xd7;

function nextMarker(jpeg: Uint8Array, from: number): number | undefined {
  for (let at = from; at < jpeg.byteLength - 1; at += 1) {
    const marker = jpeg[at + 1] ?? 0;
    if (jpeg[at] === 0xff && marker !== 0 && marker !== 0xff && !isRestart(marker)) return at;
  }
  return undefined;
}

/** Returns the end of coded data: the next marker that is not a restart marker. */
function endOfScan(jpeg: Uint8Array, from: number): number {
  for (let at = jpeg.indexOf(0xff, from); at >= 0;) {
    let next = at + 1;
    while (jpeg[next] === 0xff) next += 1;
    const marker = jpeg[next] ?? 0;
    if (marker !== 0 && !isRestart(marker)) return at;
    at = jpeg.indexOf(0xff, next + 1);
  }
  return jpeg.byteLength;
}
