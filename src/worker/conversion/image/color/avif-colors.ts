import { sequenceHeaderIn, type SequenceHeader } from './av1-sequence-header.ts';
import { fromCodes, hdrFromCodes } from './code-points.ts';
import { heifItems, type HeifItems } from './heif-items.ts';
import type { Box } from './isobmff.ts';
import { peakOf } from './peak.ts';
import { reader } from './reader.ts';
import { isSrgb, type RgbSpace } from './rgb-space.ts';
import type { HdrPicture } from './tone-map.ts';

/** Color information in an AVIF that libvips does not use. */
export interface AvifColors {
  /** The color space that the code points name, unless it is sRGB. */
  space: RgbSpace | undefined;
  hdr: HdrPicture | undefined;
  /** Planes with limited range, as in video, which libheif does not expand. */
  limited: { grey: boolean; alpha: boolean };
}

export function avifColors(avif: Uint8Array): AvifColors {
  const items = heifItems(avif);
  if (items === undefined)
    return { space: undefined, hdr: undefined, limited: { grey: false, alpha: false } };
  const properties = items.propertiesOf(items.primary);
  const nclx = properties.map(nclxIn).find((found) => found !== undefined);
  const header = sequenceHeaderOf(items, items.primary);
  const fullRange = nclx?.fullRange ?? header?.fullRange ?? true;
  return {
    space: nclx === undefined ? undefined : spaceOf(nclx),
    hdr: nclx === undefined ? undefined : hdrOf(nclx, properties),
    limited: {
      grey: header?.monochrome === true && !fullRange,
      alpha: alphasOf(items).some((alpha) => sequenceHeaderOf(items, alpha)?.fullRange === false),
    },
  };
}

interface Nclx {
  primaries: number;
  transfer: number;
  fullRange: boolean;
}

function nclxIn({ type, body }: Box): Nclx | undefined {
  if (type !== 'colr' || body.toString('latin1', 0, 4) !== 'nclx') return undefined;
  const read = reader(body.subarray(4));
  const [primaries, transfer] = [read.bytes(2), read.bytes(2)];
  // The matrix, which libheif knows.
  read.bytes(2);
  return { primaries, transfer, fullRange: read.bits(1) === 1 };
}

function spaceOf({ primaries, transfer }: Nclx): RgbSpace | undefined {
  const space = fromCodes(primaries, transfer);
  return space === undefined || isSrgb(space) ? undefined : space;
}

function hdrOf({ primaries, transfer }: Nclx, properties: readonly Box[]): HdrPicture | undefined {
  const hdr = hdrFromCodes(primaries, transfer);
  const body = (of: string) => properties.find(({ type }) => type === of)?.body;
  const level = body('clli');
  return (
    hdr && { ...hdr, peak: peakOf(level?.length === 4 ? level.readUInt16BE() : undefined, body('mdcv')) }
  );
}

/** For a grid, returns that of its first tile. */
function sequenceHeaderOf(items: HeifItems, item: number): SequenceHeader | undefined {
  const [tile = item] = items.referredFrom(item, 'dimg');
  return sequenceHeaderIn(items.dataOf(tile));
}

/** https://aomediacodec.github.io/av1-avif, section 4: `urn:mpeg:mpegB:cicp:systems:auxiliary:alpha` */
const ALPHA = ':alpha\0';

function alphasOf(items: HeifItems): number[] {
  const isAlpha = ({ type, body }: Box) => type === 'auxC' && body.includes(ALPHA, 0, 'latin1');
  return items
    .referringTo(items.primary, 'auxl')
    .filter((item) => items.propertiesOf(item).some((property) => isAlpha(property)));
}
