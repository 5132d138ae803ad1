import { rgbaToThumbHash } from 'thumbhash';
import { defined } from '../../../core/defined.ts';
import type { PLACEHOLDERS } from '../../../core/rendition.ts';

/** Longest side of the image that a placeholder is made of: more is slow, and ThumbHash refuses it. */
export const PLACEHOLDER_SIDE = 100;

/** Bits of a channel that similar colors share. */
const SIMILAR_BITS = 4;

/** A small image: RGBA, row by row. */
interface Small {
  data: Uint8Array;
  width: number;
  height: number;
}

/**
 * Returns the placeholder of an image as S3 user metadata. Must not import anything that imports sharp: the module
 * becomes a separate file in the deployed worker, which would contain sharp a second time.
 */
export function placeholderOf(
  { data, width, height }: Small,
  kind: (typeof PLACEHOLDERS)[number],
): Record<string, string> {
  const color = dominantColor(data);
  return {
    ...defined({ 'dominant-color': color }),
    ...(kind === 'thumbhash'
      ? { thumbhash: Buffer.from(rgbaToThumbHash(width, height, data)).toString('base64') }
      : {}),
  };
}

/** Returns the mean of the most frequent similar colors; undefined if nothing is visible. */
function dominantColor(rgba: Uint8Array): string | undefined {
  const groups = new Map<number, [count: number, red: number, green: number, blue: number]>();
  for (let at = 0; at < rgba.length; at += 4) {
    const [red = 0, green = 0, blue = 0, alpha = 0] = rgba.subarray(at, at + 4);
    if (alpha < 128) continue;
    const name = [red, green, blue].reduce(
      (id, channel) => (id << SIMILAR_BITS) | (channel >> (8 - SIMILAR_BITS)),
      0,
    );
    const group = groups.get(name) ?? [0, 0, 0, 0];
    groups.set(name, [group[0] + 1, group[1] + red, group[2] + green, group[3] + blue]);
  }
  let most: [number, ...number[]] = [0];
  // Of equally frequent ones, the first in the image.
  for (const group of groups.values()) if (group[0] > most[0]) most = group;
  const [count, ...sums] = most;
  if (count === 0) return undefined;
  return `#${sums
    .map((sum) =>
      Math.round(sum / count)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}
