import type { Metadata, Sharp } from 'sharp';
import { withProfile } from '../color/png.ts';
import type { Inspected, SourceFormat } from '../inspect.ts';
import type { Plan } from '../render-one.ts';
import { avifWithXmp } from './avif.ts';
import { jpegWithXmp } from './jpeg.ts';
import { pngWithXmp } from './png.ts';
import { isSrgbProfile } from './srgb-profile.ts';
import { webpWithXmp } from './webp.ts';

const WRITERS: Readonly<
  Partial<Record<SourceFormat, (source: Buffer, packet: string, dropsProfile: boolean) => Buffer | undefined>>
> = { jpeg: jpegWithXmp, png: pngWithXmp, webp: webpWithXmp, avif: avifWithXmp };

/**
 * Returns a source's picture data with no metadata but an XMP packet, if a rendition shows exactly its pixels. What is
 * in doubt is not kept. The rendition must not have options that change its source (`notForKept`). Must not import
 * sharp: the module becomes a separate file in the deployed worker, which would contain sharp a second time.
 * @param open opens bytes with sharp
 */
export async function keptSource(
  source: Uint8Array,
  inspected: Inspected,
  plan: Plan,
  packet: string,
  open: (bytes: Uint8Array) => Sharp,
): Promise<Uint8Array | undefined> {
  const { format } = plan;
  if (!isUnchanged(inspected, plan)) return undefined;
  const before = await open(source).metadata();
  if (!isUpright(before)) return undefined;
  const bytes = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
  // Colors that PNG describes without a profile.
  if (format === 'png' && withProfile(bytes) !== bytes) return undefined;
  const { icc, space } = before;
  const hasSrgb = icc !== undefined && space === 'srgb' && (await isSrgbProfile(icc, open));
  const kept = WRITERS[format]?.(bytes, packet, hasSrgb);
  if (kept === undefined) return undefined;
  const after = await open(kept)
    .metadata()
    .catch(() => undefined);
  return after !== undefined && isAlike(before, after) ? kept : undefined;
}

/** Returns whether a rendition shows its source as it is, in its own format. */
function isUnchanged({ format, kept, size, previewOf }: Inspected, plan: Plan): boolean {
  const { geometry, original, background, kept: metadata, profile } = plan;
  return (
    plan.format === format &&
    kept === undefined &&
    previewOf === undefined &&
    metadata === undefined &&
    profile === undefined &&
    // JPEG always has a background and is never transparent.
    (background === undefined || format === 'jpeg') &&
    [geometry.scaled, geometry.size, original].every(
      ({ width, height }) => width === size.width && height === size.height,
    )
  );
}

const isUpright = ({ orientation = 1 }: Metadata) => orientation === 1;

/** What makes up a picture, as decoders see it. */
const COMPARED = [
  'format',
  'width',
  'height',
  'space',
  'channels',
  'depth',
  'hasAlpha',
  'bitsPerSample',
  'isProgressive',
  'chromaSubsampling',
] as const;

/** Returns whether decoders see the same picture, and no metadata but XMP. */
function isAlike(before: Metadata, after: Metadata): boolean {
  const isBare = [after.exif, after.icc, after.iptc, after.orientation, after.comments].every(
    (each) => each === undefined,
  );
  return isBare && COMPARED.every((name) => before[name] === after[name]);
}
