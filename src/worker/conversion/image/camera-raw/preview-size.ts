import { Rejected } from '../../../../core/errors.ts';
import { geometryOf, type Size } from '../../../../core/geometry.ts';
import type { Rendition } from '../../../../core/rendition.ts';

/** What a preview stands for. */
export interface PreviewOf {
  /** The format, such as `NEF (camera RAW by Nikon)`. */
  name: string;
  /** Of the data of the sensor, not upright. */
  sensor: Size;
}

/** A sensor is larger than the picture: it has margins. */
const WHOLE = 0.9;

/**
 * Checks that renditions are made of the preview in a camera RAW file as large as of the whole picture.
 * @param preview upright
 * @throws Rejected `image.unsupported_format`
 */
export function checkPreview(
  { name, sensor }: PreviewOf,
  preview: Size,
  renditions: readonly Rendition[],
): void {
  const scale = longer(sensor) / longer(preview);
  if (scale * WHOLE <= 1) return;
  const picture = {
    width: Math.round(preview.width * scale),
    height: Math.round(preview.height * scale),
  };
  for (const rendition of renditions) {
    const needed = neededFor(rendition, picture);
    if (needed.width <= preview.width && needed.height <= preview.height) continue;
    throw new Rejected(
      'image.unsupported_format',
      `the image is ${name}, of which only its preview is converted: that is ${sizeText(preview)} pixels, and the rendition ${rendition.name} needs ${sizeText(needed)}`,
    );
  }
}

/** Returns the size of a picture that a rendition is made of. */
function neededFor(rendition: Rendition, picture: Size): Size {
  // How much a trim leaves is not known before decoding.
  if (rendition.trim !== undefined) return picture;
  const { scaled } = geometryOf(picture, { ...rendition, enlarge: false });
  const turned = rendition.rotate === 90 || rendition.rotate === 270;
  return turned ? { width: scaled.height, height: scaled.width } : scaled;
}

function longer({ width, height }: Size): number {
  return Math.max(width, height);
}

function sizeText({ width, height }: Size): string {
  return `${width} × ${height}`;
}
