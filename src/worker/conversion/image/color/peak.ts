/**
 * Returns a picture's peak luminance in cd/m², from its content light level (CTA-861.3) or else its mastering display
 * color volume (SMPTE ST 2086).
 * @param level the maximum content light level, in cd/m²
 * @param volume as PNG (`mDCV`) and HEIF (`mdcv`) have it
 * @returns undefined if it has neither
 */
export function peakOf(level: number | undefined, volume: Buffer | undefined): number | undefined {
  if (level !== undefined && level > 0) return level;
  const display = volume?.length === VOLUME_BYTES ? volume.readUInt32BE(MAXIMUM_AT) / LIGHT_UNITS : 0;
  return display > 0 ? display : undefined;
}

const VOLUME_BYTES = 24;
/** After the chromaticities. */
const MAXIMUM_AT = 16;
/** Units per cd/m². */
export const LIGHT_UNITS = 10_000;
