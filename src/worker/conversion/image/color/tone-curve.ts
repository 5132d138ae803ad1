/**
 * Tone mapping of HDR for SDR displays, as in Chromium: the reference white tone mapping operator of
 * SMPTE ST 2094-50. Light is in units of the reference white of ITU-R BT.2408.
 */

/** In cd/m². */
export const REFERENCE_WHITE = 203;

/** The assumed peak of a picture that does not state its own, in cd/m². */
export const USUAL_PEAK = 1000;

/** The greatest luminance in PQ. */
const HIGHEST_PEAK = 10_000;

/** The lowest value for the reference white. */
const MOST = 0.5;
/** The intersection of the tangents at the curve's ends. */
const KAPPA = 0.65;

/**
 * Returns the factor for the light of a pixel, given the light of its brightest channel. Up to the reference white, the
 * factor is constant; above, the light follows a quadratic Bézier curve that reaches the display's white at the peak.
 * @param peak in cd/m²
 */
export function toneCurve(peak: number): (light: number) => number {
  const brightest = Math.min(peak, HIGHEST_PEAK) / REFERENCE_WHITE;
  if (brightest <= 1) return () => 1;
  const white = 1 - MOST * Math.min(Math.log2(brightest) / Math.log2(USUAL_PEAK / REFERENCE_WHITE), 1);
  const middle = { x: 1 - KAPPA + KAPPA / white, y: (1 - KAPPA) * white + KAPPA };
  // x = 1 + bx t + ax t², and the same for y.
  const [bx, ax] = [2 * (middle.x - 1), 1 - 2 * middle.x + brightest];
  const [by, ay] = [2 * (middle.y - white), white - 2 * middle.y + 1];
  return (light) => {
    if (light <= 1) return white;
    if (light >= brightest) return 1 / light;
    const t = (2 * (light - 1)) / (bx + Math.sqrt(bx * bx + 4 * ax * (light - 1)));
    return (white + by * t + ay * t * t) / light;
  };
}
