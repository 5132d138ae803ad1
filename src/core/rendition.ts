import * as z from 'zod';
import { defined } from './defined.ts';
import { defaultQuality, encoderFields, encoderMistakes, statedEncoderOptions } from './encoder-options.ts';
import { FITS, framingFields, framingMistakes, statedFraming } from './framing.ts';

/** A rendition's name, and the first part of its result's key where there are several. */
export const renditionNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'expected lower-case letters, digits, - and _, at most 63 characters');

/** Formats a rendition can ask for; `source` keeps the format of the upload. */
export const RENDITION_FORMATS = ['jpeg', 'png', 'webp', 'avif', 'source'] as const;

const dimension = z.int().min(1).max(65_535);

/** A rendition as recipes write it. What its fields are for is in `recipe-json-schema.ts`. */
export const renditionFields = z
  .strictObject({
    name: renditionNameSchema,
    width: dimension.optional(),
    height: dimension.optional(),
    fit: z.enum(FITS).default('inside'),
    format: z.enum(RENDITION_FORMATS).default('webp'),
    quality: z.int().min(1).max(100).optional(),
    effort: z.int().min(0).max(9).default(2),
    enlarge: z.boolean().default(false),
    ...encoderFields,
    ...framingFields,
  })
  .superRefine((rendition, { addIssue }) => {
    for (const [option, message] of [...encoderMistakes(rendition), ...framingMistakes(rendition)])
      addIssue({ code: 'custom', path: [option], message });
  });

/**
 * A rendition of an image. The order of its fields, and that fields are absent unless they are given, is part of the
 * recipe's id. For the format `source`, the upload decides the default quality.
 */
export const renditionSchema = renditionFields.transform((rendition) => {
  const { name, width, height, fit, format, quality, effort, enlarge, ...options } = rendition;
  return {
    name,
    ...defined({ width, height }),
    fit,
    format,
    ...defined({ quality: quality ?? defaultQuality(rendition) }),
    effort,
    enlarge,
    ...statedEncoderOptions(options),
    ...statedFraming(options),
  };
});

/** Renditions of an image, with names of their own. */
export const imageRenditionsSchema = z
  .array(renditionSchema)
  .min(1)
  .max(20)
  .refine(
    (list) => new Set(list.map((r) => r.name)).size === list.length,
    'two renditions have the same name',
  );

export type Rendition = z.infer<typeof renditionSchema>;

/** Returns the file name extension for a format; undefined for `source`, whose format differs between uploads. */
function imageExtension({ format }: Pick<Rendition, 'format'>): string | undefined {
  if (format === 'source') return undefined;
  return format === 'jpeg' ? 'jpg' : format;
}

/** Returns the extensions of renditions that have a fixed format, by their names. */
export function imageExtensions(renditions: readonly Rendition[]): Record<string, string> {
  const extensions = renditions.flatMap((each) => {
    const extension = imageExtension(each);
    return extension === undefined ? [] : [[each.name, extension]];
  });
  // A rendition can have the name of something that objects inherit, such as `constructor`.
  return Object.assign(Object.create(null), Object.fromEntries(extensions)) as Record<string, string>;
}
