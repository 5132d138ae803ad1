import { defineConversion, type ConversionJob, type MadeResult } from '../../src/core/conversion.ts';
import { imageOptionsSchema, type ImageOptions } from '../../src/core/recipe.ts';
import { IMAGE } from '../../src/core/rules.ts';
import type { Conversions } from '../../src/worker/conversion/conversions.ts';

/** Returns conversions with this function instead of the image conversion. */
export function insteadOfImages(
  convert: (content: Uint8Array, job: ConversionJob<ImageOptions>) => Promise<readonly MadeResult[]>,
  { stamped = true }: { stamped?: boolean } = {},
): Conversions {
  const conversion = defineConversion({
    name: IMAGE,
    stamped,
    options: imageOptionsSchema,
    convert: async (job) => convert(await job.source.content(), job),
  });
  return new Map([[IMAGE, conversion]]);
}

/** Returns a text result. */
export function textResult(rendition: string, text: string | Uint8Array): MadeResult {
  const body = typeof text === 'string' ? Buffer.from(text) : text;
  return { rendition, body, contentType: 'text/plain', metadata: { width: '1', height: '1' } };
}
