import { JPEG_END } from './jpeg-end.ts';

/**
 * Repairs faults in a JPEG that browsers show completely: bytes between its segments, wrong parameters of a sequential
 * scan, which decoders ignore, and a missing end marker. Decoders report these like damage.
 * https://www.w3.org/Graphics/JPEG/itu-t81.pdf, annex B
 */

const START = 0xd8;
const END = 0xd9;
const SCAN = 0xda;
const PROGRESSIVE = 0xc2;
/** Sequential frames with Huffman codes. */
const SEQUENTIAL: ReadonlySet<number> = new Set([0xc0, 0xc1]);
const isRestart = (marker: number) => marker >= 0xd0 && marker <= 0xd7;

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
  let frame: Frame = { marker: 0, components: [] };
  for (let at = 2; parts.length <= MOST && scans.length <= MOST;) {
    const found = nextMarker(jpeg, at);
    if (found === undefined) return withEnd();
    if (found.marker === START) return undefined;
    if (found.skipped) {
      parts.push(jpeg.subarray(keptFrom, at));
      keptFrom = found.at;
    }
    at = found.at;
    if (found.marker === END)
      return parts.length === 0 ? undefined : joined([jpeg.subarray(keptFrom)], false);
    const end = at + 2 + ((jpeg[at + 2] ?? 0) << 8) + (jpeg[at + 3] ?? 0);
    if (end > jpeg.byteLength || end < at + 4) return undefined;
    if (SEQUENTIAL.has(found.marker) || found.marker === PROGRESSIVE)
      frame = frameOf(found.marker, jpeg.subarray(at, end));
    if (found.marker === SCAN) {
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
    at = found.marker === SCAN ? endOfScan(jpeg, end) : end;
  }
  return undefined;

  function withEnd(): RepairedJpeg | undefined {
    if (scans.length === 0 || !isComplete(frame, scans)) return undefined;
    const last = jpeg.at(-1) === 0xff ? jpeg.byteLength - 1 : jpeg.byteLength;
    return joined([jpeg.subarray(keptFrom, last), JPEG_END], true);
  }

  function joined(rest: readonly Uint8Array[], endAdded: boolean): RepairedJpeg {
    return { bytes: Buffer.concat([...parts, ...rest]), endAdded };
  }
}

/** Finds the next marker like decoders, which skip other bytes and allow any number of 0xff before it. */
function nextMarker(
  jpeg: Uint8Array,
  from: number,
): { marker: number; at: number; skipped: boolean } | undefined {
  for (let at = from; at < jpeg.byteLength - 1; at += 1) {
    const marker = jpeg[at + 1] ?? 0;
    if (jpeg[at] === 0xff && marker !== 0 && marker !== 0xff && !isRestart(marker)) {
      const between = jpeg.subarray(from, at);
      return { marker, at, skipped: between.some((byte) => byte !== 0xff) };
    }
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
