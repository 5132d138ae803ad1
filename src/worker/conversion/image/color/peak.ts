/**
 * Returns the brightest light of a picture in cd/m², from the content light level of CTA-861.3, or else the volume of
 * the display that the picture was mastered on, SMPTE ST 2086.
 * @param level the brightest light, in cd/m²
 * @param volume as PNG (`mDCV`) and HEIF (`mdcv`) have it
 * @returns undefined if neither tells
 */
export function peakOf(level: number | undefined, volume: Buffer | undefined): number | undefined {
  if (level !== undefined && level > 0) return level;
  const display = volume?.length === VOLUME_BYTES ? volume.readUInt32BE(MAXIMUM_AT) / LIGHT_UNITS : 0;
  return display > 0 ? display : undefined;
}

const VOLUME_BYTES = 24;
/** After the chromaticities. */
const MAXIMUM_AT = 16;
/** In one cd/m². */
export const LIGHT_UNITS = 10_000;
