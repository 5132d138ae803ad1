/** The formats that the image conversion accepts, as people name them, the most common first. */
const IMAGE_FORMATS = ['JPEG', 'PNG', 'WebP', 'AVIF', 'HEIC', 'GIF', 'TIFF', 'BMP', 'ICO', 'PDF'];

/** Returns the formats as text, such as `JPEG, PNG and GIF`. */
export function imageFormats(last: 'and' | 'or'): string {
  return `${IMAGE_FORMATS.slice(0, -1).join(', ')} ${last} ${IMAGE_FORMATS.at(-1)}`;
}
