import { extensions, types } from 'mime-types';
import type { Made } from './made.ts';

/** Generic types. Each fits every extension whose specific type matches. */
const GENERIC: Readonly<Record<string, RegExp>> = {
  'application/octet-stream': /./,
  'application/json': /\+json$/,
  'application/xml': /\+xml$/,
  'text/xml': /\+xml$/,
  'text/plain': /^text\//,
};

/**
 * Checks that a result's content type fits the declared extension. Accepts unknown types and extensions.
 * @throws Error that names both
 */
export function assertExtension({ rendition, contentType }: Made, extension: string | undefined): void {
  if (extension === undefined) return;
  const type = contentType.replace(/;.*/, '').trim();
  const expected = types[extension];
  const usual = extensions[type];
  if (expected === undefined || usual === undefined || usual.includes(extension)) return;
  if (GENERIC[type]?.test(expected)) return;
  throw new Error(
    `the result ${rendition}: its content type is ${type}, but its extension is ${extension}, which is for ${expected}`,
  );
}
