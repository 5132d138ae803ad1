import type { Pixels } from '../../../core/conversion.ts';

/** Images with more colors than this are smaller if they are lossy (docs/adr/0038-lossless-by-colors.md). */
const MOST = 1024;

/** Returns whether an image has more colors than drawings, logos and screenshots do. Photos have thousands. */
export function hasManyColors({ data, channels }: Pixels): boolean {
  const colors = new Set<number>();
  let last: number | undefined;
  for (let at = 0; at < data.length; at += channels) {
    let color = 0;
    for (let channel = 0; channel < channels; channel++) color = color * 256 + (data[at + channel] ?? 0);
    if (color === last) continue;
    colors.add(color);
    if (colors.size > MOST) return true;
    last = color;
  }
  return false;
}
