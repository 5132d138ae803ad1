import type sharpModule from 'sharp';
import type { OverlayOptions } from 'sharp';
import { fromDataUrl } from '../../../core/data-url.ts';
import { POSITIONS } from '../../../core/positions.ts';
import type { Size } from '../../../core/geometry.ts';
import type { Watermark } from '../../../core/watermark.ts';

const CLEAR = { r: 0, g: 0, b: 0, alpha: 0 };

/**
 * Returns a watermark for an image of this size: scaled to a fraction of its width, or less if it would not fit between
 * the margins. Receives sharp as an argument, because the module becomes a separate file in the deployed worker, which
 * would contain sharp a second time.
 * @param animated whether the image has frames, each of this size and below each other
 * @throws Error if the image cannot be decoded
 */
export async function overlayOf(
  sharp: typeof sharpModule,
  watermark: Watermark,
  { width, height }: Size,
  animated: boolean,
): Promise<OverlayOptions> {
  const [x, y] = POSITIONS[watermark.position];
  const horizontal = between(width, watermark.margin);
  const vertical = between(height, watermark.margin);
  const box = {
    width: Math.min(horizontal.room, Math.max(1, Math.round(width * watermark.scale))),
    height: vertical.room,
  };
  const { data, info } = await decoded(sharp, watermark, box);
  const left = horizontal.margin + Math.floor((horizontal.room - info.width) * x);
  const top = vertical.margin + Math.floor((vertical.room - info.height) * y);
  const raw = { width: info.width, height: info.height, channels: 4 as const };
  if (!animated) return { input: data, raw, left, top };
  const frame = sharp(data, { raw }).extend({
    left,
    top,
    right: width - left - info.width,
    bottom: height - top - info.height,
    background: CLEAR,
  });
  // From the first frame on: by default, a tile is in the middle of all frames.
  const input = await frame.png({ compressionLevel: 1 }).toBuffer();
  return { input, tile: true, left: 0, top: 0 };
}

/** The margin at each end of a side, and the pixels between: at least one. */
function between(side: number, wanted: number): { margin: number; room: number } {
  const margin = Math.min(wanted, Math.floor((side - 1) / 2));
  return { margin, room: side - 2 * margin };
}

async function decoded(sharp: typeof sharpModule, { image, opacity }: Watermark, box: Size) {
  const bytes = fromDataUrl(image);
  if (bytes === undefined) throw new Error('expected a data URL');
  const { data, info } = await sharp(bytes)
    .autoOrient()
    .resize({ ...box, fit: 'inside' })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  for (let at = 3; at < data.length; at += 4) data[at] = Math.round((data[at] ?? 0) * opacity);
  return { data, info };
}
