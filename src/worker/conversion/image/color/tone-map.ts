import { toXyzD50 } from './adaptation.ts';
import { BT2020, type Hdr } from './code-points.ts';
import { inverse, multiply } from './matrix.ts';
import { BT709, toXyz } from './rgb-space.ts';
import { REFERENCE_WHITE, toneCurve, USUAL_PEAK } from './tone-curve.ts';

/** An HDR color space, and the picture's peak luminance in cd/m², if it states one. */
export interface HdrPicture extends Hdr {
  peak?: number | undefined;
}

/**
 * Converts the pixels of an HDR picture to sRGB, 8 bits per channel.
 * @param values RGB or RGBA, 8 or 16 bits per channel
 */
export function toneMapped(
  values: Uint8Array | Uint16Array,
  channels: 3 | 4,
  { primaries, transfer, peak = USUAL_PEAK }: HdrPicture,
): Uint8Array {
  const most = values instanceof Uint16Array ? 65_535 : 255;
  const isHlg = transfer === 'hlg';
  const light = Float32Array.from({ length: most + 1 }, (_, value) => (isHlg ? hlg : pq)(value / most));
  const displayed = Float32Array.from({ length: isHlg ? LUMINANCES + 1 : 0 }, (_, step) =>
    ofDisplay(step / LUMINANCES),
  );
  const lightOf = (at: number) => light[values[at] ?? 0] ?? 0;
  const factorAt = toneCurve(peak);
  // The brightest channel is determined in BT.2020 primaries, whatever the picture's primaries.
  const [r, g, b] = multiply(inverse(toXyzD50(BT2020)), toXyzD50(primaries));
  const [red, green, blue] = multiply(inverse(toXyzD50(BT709)), toXyzD50(BT2020));
  const [, luminance] = toXyz(BT2020);
  const result = new Uint8Array(values.length);
  for (let at = 0; at < values.length; at += channels) {
    const x = lightOf(at);
    const y = lightOf(at + 1);
    const z = lightOf(at + 2);
    const inRed = r[0] * x + r[1] * y + r[2] * z;
    const inGreen = g[0] * x + g[1] * y + g[2] * z;
    const inBlue = b[0] * x + b[1] * y + b[2] * z;
    const ofScene = luminance[0] * inRed + luminance[1] * inGreen + luminance[2] * inBlue;
    const system = isHlg ? (displayed[Math.round(ofScene * LUMINANCES)] ?? 0) : 1;
    const factor = system * factorAt(system * Math.max(inRed, inGreen, inBlue));
    result[at] = encoded(factor * (red[0] * inRed + red[1] * inGreen + red[2] * inBlue));
    result[at + 1] = encoded(factor * (green[0] * inRed + green[1] * inGreen + green[2] * inBlue));
    result[at + 2] = encoded(factor * (blue[0] * inRed + blue[1] * inGreen + blue[2] * inBlue));
    if (channels === 4) result[at + 3] = Math.round(((values[at + 3] ?? most) / most) * 255);
  }
  return result;
}

/** Returns light in units of the reference white. Rec. ITU-R BT.2100, table 4. */
function pq(value: number): number {
  const power = value ** (32 / 2523);
  const base = Math.max(power - 3424 / 4096, 0) / (2413 / 128 - (2392 / 128) * power);
  return (10_000 / REFERENCE_WHITE) * base ** (16_384 / 2610);
}

/** Returns the light of the scene, from 0 to 1. BT.2100, table 5. */
function hlg(value: number): number {
  if (value <= 0.5) return value ** 2 / 3;
  return (Math.exp((value - 0.559_910_73) / 0.178_832_77) + 0.284_668_92) / 12;
}

/** Returns the factor from scene light to the light of a 1,000 cd/m² display. BT.2100, table 5. */
function ofDisplay(luminance: number): number {
  return (USUAL_PEAK / REFERENCE_WHITE) * luminance ** 0.2;
}

/** Of luminance in a table. */
const LUMINANCES = 65_535;

/** Of light in the table below. */
const STEPS = 16_384;

const ENCODED = Uint8Array.from({ length: STEPS + 1 }, (_, step) => {
  const light = step / STEPS;
  return Math.round(255 * (light <= 0.003_130_8 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055));
});

function encoded(light: number): number {
  return ENCODED[Math.round(Math.min(Math.max(light, 0), 1) * STEPS)] ?? 0;
}
