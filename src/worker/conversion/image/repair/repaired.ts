import { hasWholeScan } from './whole-scan.ts';
import type { ImageLimits } from '../limits.ts';

/** Returns an image without faults that browsers ignore and decoders refuse; undefined if it cannot be repaired. */
export async function repaired(
  bytes: Uint8Array,
  contentType: string | undefined,
  limits: ImageLimits,
): Promise<Uint8Array | undefined> {
  if (contentType !== 'image/jpeg') return undefined;
  const { repairedJpeg } = await import('./jpeg.ts');
  const jpeg = repairedJpeg(bytes);
  if (jpeg === undefined || (jpeg.endAdded && !(await hasWholeScan(jpeg.bytes, limits)))) return undefined;
  return jpeg.bytes;
}
