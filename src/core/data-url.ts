/** Images as data URLs. */

const DATA_URL = /^data:image\/(?:png|webp|jpeg);base64,[A-Za-z0-9+/]+={0,2}$/;

/** Returns whether it is the data URL of a PNG, WebP or JPEG, in base64. */
export function isDataUrl(image: string): boolean {
  return DATA_URL.test(image);
}

const SIGNATURES = [
  ['png', 0, '89504e470d0a1a0a'],
  ['jpeg', 0, 'ffd8ff'],
  ['webp', 8, '57454250'],
] as const;

/** Returns an image as a data URL; undefined if it is no PNG, WebP or JPEG. */
export function toDataUrl(image: Uint8Array): string | undefined {
  const bytes = Buffer.from(image);
  const format = SIGNATURES.find(
    ([, at, signature]) => bytes.toString('hex', at, at + signature.length / 2) === signature,
  )?.[0];
  return format && `data:image/${format};base64,${bytes.toString('base64')}`;
}

/** Returns the bytes in a data URL; undefined if it is something else, such as a path. */
export function fromDataUrl(image: string): Uint8Array | undefined {
  return isDataUrl(image) ? Buffer.from(image.slice(image.indexOf(',') + 1), 'base64') : undefined;
}
