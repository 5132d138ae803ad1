import { JPEG_MARKER, jpegSegments } from '../jpeg/segments.ts';
import { JPEG_END } from './jpeg-end.ts';

/**
 * Repairs faults in a JPEG that browsers show completely: bytes between its segments, wrong parameters of a sequential
 * scan, which decoders ignore, and a missing end marker. Decoders report these like damage.
 * https://www.w3.org/Graphics/JPEG/itu-t81.pdf, annex B
 */

const PROGRESSIVE = 0xc2;
/** Sequential frames with Huffman codes. */
const SEQUENTIAL: ReadonlySet<number> = new Set([0xc0, 0xc1]);

/** Limit for corrections and for scans. A file that needs more is damaged, not just written carelessly. */
const MOST = 1000;

export interface RepairedJpeg {
  bytes: Uint8Array;
  /** Whether the end marker was missing. Part of the last scan may be missing, too. */
  endAdded: boolean;
}

/** Repairs a JPEG. Returns undefined if there is nothing to repair, or if whole scans are missing. */
export function repairedJpeg(jpeg: Uint8Array): RepairedJpeg | undefined {
  const parts: Uint8Array[] = [];
  const scans: Scan[] = [];
  let keptFrom = 0;
  let from = 2;
  let frame: Frame = { marker: 0, components: [] };
  for (const { marker, at, end, dataEnd, skipped } of jpegSegments(jpeg)) {
    if (parts.length > MOST || scans.length > MOST || marker === JPEG_MARKER.start) return undefined;
    if (skipped) {
      parts.push(jpeg.subarray(keptFrom, from));
      keptFrom = at;
    }
    if (marker === JPEG_MARKER.end)
      return parts.length === 0 ? undefined : joined([jpeg.subarray(keptFrom)], false);
    if (end > jpeg.byteLength || end < at + 4) return undefined;
    if (SEQUENTIAL.has(marker) || marker === PROGRESSIVE) frame = frameOf(marker, jpeg.subarray(at, end));
    if (marker === JPEG_MARKER.scan) {
      const scan = scanOf(jpeg.subarray(at, end));
      // The length of its header depends on its number of components.
      if (end !== at + 8 + 2 * scan.components.length) return undefined;
      scans.push(scan);
      if (SEQUENTIAL.has(frame.marker) && !isWhole(scan)) {
        parts.push(jpeg.subarray(keptFrom, end - WHOLE.length), WHOLE);
        keptFrom = end;
        Object.assign(scan, { first: 0, last: LAST_COEFFICIENT, bits: 0 });
      }
    }
    from = dataEnd;
  }
  return withEnd();

  function withEnd(): RepairedJpeg | undefined {
    if (scans.length === 0 || !isComplete(frame, scans)) return undefined;
    const last = jpeg.at(-1) === 0xff ? jpeg.byteLength - 1 : jpeg.byteLength;
    return joined([jpeg.subarray(keptFrom, last), JPEG_END], true);
  }

  function joined(rest: readonly Uint8Array[], endAdded: boolean): RepairedJpeg {
    return { bytes: Buffer.concat([...parts, ...rest]), endAdded };
  }
}

/** The coefficients in a scan, their lowest bit, and their components. */
interface Scan {
  components: readonly number[];
  first: number;
  last: number;
  /** Ah and Al. */
  bits: number;
}

function scanOf(segment: Uint8Array): Scan {
  const count = segment[4] ?? 0;
  const components = Array.from({ length: count }, (_, index) => segment[5 + 2 * index] ?? 0);
  const [first = 0, last = 0, bits = 0] = segment.subarray(5 + 2 * count);
  return { components, first, last, bits };
}

const LAST_COEFFICIENT = 63;
/** The end of a scan's header if the scan has all bits of all coefficients. */
const WHOLE = Buffer.of(0, LAST_COEFFICIENT, 0);

function isWhole({ first, last, bits }: Scan): boolean {
  return first === 0 && last === LAST_COEFFICIENT && bits === 0;
}

interface Frame {
  marker: number;
  components: readonly number[];
}

function frameOf(marker: number, segment: Uint8Array): Frame {
  const count = segment[9] ?? 0;
  return {
    marker,
    components: Array.from({ length: count }, (_, index) => segment[10 + 3 * index] ?? 0),
  };
}

/** Returns whether the scans have every bit of every coefficient. If not, the picture is blurred or lacks colors. */
function isComplete({ components }: Frame, scans: readonly Scan[]): boolean {
  const missing = new Map(
    components.map((component) => [component, Array.from({ length: LAST_COEFFICIENT + 1 }, () => 1)]),
  );
  for (const scan of scans) {
    for (const component of scan.components)
      missing.get(component)?.fill(scan.bits & 0xf, scan.first, scan.last + 1);
  }
  return [...missing.values()].every((coefficients) => coefficients.every((bit) => bit === 0));
}
