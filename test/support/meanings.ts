import type { Color } from 'culori';
import type { Values } from './patches.ts';

/** What values mean in some color spaces, by the definitions of these spaces in culori. */

export const inSrgb = ([r, g, b]: Values): Color => ({ mode: 'rgb', r, g, b });

export const inP3 = ([r, g, b]: Values): Color => ({ mode: 'p3', r, g, b });

export const inAdobeRgb = ([r, g, b]: Values): Color => ({ mode: 'a98', r, g, b });

export const inProPhoto = ([r, g, b]: Values): Color => ({ mode: 'prophoto', r, g, b });

/** The primaries of sRGB with another gamma. */
export const withGamma =
  (gamma: number) =>
  ([r, g, b]: Values): Color => ({ mode: 'lrgb', r: r ** gamma, g: g ** gamma, b: b ** gamma });

/** The primaries of BT.2020, with any curve. */
export const inBt2020 =
  (toLight: (value: number) => number) =>
  ([r, g, b]: Values): Color => ({
    mode: 'rec2020',
    r: bt2020(toLight(r)),
    g: bt2020(toLight(g)),
    b: bt2020(toLight(b)),
  });

/** Rec. ITU-R BT.2020, table 4. */
function bt2020(light: number): number {
  return light < 0.018_053_968_510_807
    ? light * 4.5
    : 1.099_296_826_809_44 * light ** 0.45 - 0.099_296_826_809_44;
}
