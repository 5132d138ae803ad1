/** The stable error codes, which are part of the interface. `codes.ts` has what they mean; the worker does not need that. */
export const CODE_NAMES = [
  'notification.malformed',
  'notification.unknown_bucket',
  'source.empty',
  'source.too_large',
  'source.not_accepted',
  'key.too_long',
  'image.unsupported_format',
  'image.corrupt',
  'image.too_many_pixels',
  'image.too_many_pages',
  'image.no_such_page',
  'image.dimensions_unsupported',
  'image.too_many_bytes',
  'conversion.timeout',
  'process.died',
  'storage.unavailable',
  'storage.denied',
  'storage.contended',
  'disk.full',
  'batch.out_of_time',
  'recipe.outdated',
  'retries.exhausted',
  'attempt.never_began',
  'file.unreadable',
  'file.collides',
  'file.unwritable',
  'internal.unexpected',
] as const;

export type Code = (typeof CODE_NAMES)[number];

/** A custom conversion's code: the conversion's name, a dot, and the reason. */
const CONVERSION_CODE = /^([a-z][a-z0-9-]{0,30})\.[a-z0-9_]{1,60}$/;
/** Prefixes of the HTTP API's codes, in addition to those above. */
const API_AREAS = ['api', 'object', 'redrive', 'request', 'route', 'upload'];
const AREAS = new Set([...CODE_NAMES.map((code) => code.split('.')[0]), ...API_AREAS]);

/** Returns whether a code can come from a custom conversion: none of Millrace's codes has its prefix. */
export function isConversionCode(code: string): boolean {
  const [, name] = CONVERSION_CODE.exec(code) ?? [];
  return name !== undefined && !AREAS.has(name);
}

/** Returns whether it is one of Millrace's codes. */
export function isCode(code: string): code is Code {
  return (CODE_NAMES as readonly string[]).includes(code);
}
