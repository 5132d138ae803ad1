import * as z from 'zod';
import { defined } from './defined.ts';
import { defaultQuality, encoderFields, encoderMistakes, statedEncoderOptions } from './encoder-options.ts';
import { keepingMistakes } from './keep-smaller.ts';
import { watermarkSchema } from './watermark.ts';
import { FITS, framingFields, framingMistakes, statedFraming } from './framing.ts';

/** A rendition's name. If there are several renditions, it is also the first part of the result's key. */
export const renditionNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'expected lower-case letters, digits, - and _, at most 63 characters');

/** A rendition's format; `source` keeps the upload's format. */
export const RENDITION_FORMATS = ['jpeg', 'png', 'webp', 'avif', 'source'] as const;

/**
 * What the metadata of a result has for a page to show until the image is loaded: its dominant color, or also its
 * ThumbHash.
 */
export const PLACEHOLDERS = ['color', 'thumbhash'] as const;

/** Metadata of the source that a result can keep. */
export const KEPT_METADATA = ['copyright', 'creator', 'date', 'description', 'position'] as const;

const dimension = z.int().min(1).max(65_535);

/**
 * The ICC profile of a result: `keep` its source's, with the colors in that profile's color space, or attach that of
 * sRGB, in which results are.
 */
export const ICC = ['keep', 'srgb'] as const;

/** Colors of the recipe are in sRGB, and the colors of a result with the profile of its source are not. */
function iccMistakes(rendition: { icc?: string | undefined; background?: unknown; watermark?: unknown }) {
  if (rendition.icc !== 'keep') return [];
  const colored = (['background', 'watermark'] as const).filter((option) => rendition[option] !== undefined);
  return colored.map(
    (option) =>
      [
        option,
        'cannot be combined with "icc": "keep", because its colors are in sRGB: remove one of them',
      ] as const,
  );
}

/** A rendition in a recipe file. `recipe-json-schema.ts` describes its fields. */
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
    watermark: watermarkSchema.optional(),
    placeholder: z.enum(PLACEHOLDERS).optional(),
    metadata: z.array(z.enum(KEPT_METADATA)).min(1).optional(),
    page: z.int().min(1).max(10_000).optional(),
    icc: z.enum(ICC).optional(),
  })
  .superRefine((rendition, { addIssue }) => {
    const mistakes = [
      ...encoderMistakes(rendition),
      ...framingMistakes(rendition),
      ...keepingMistakes(rendition),
      ...iccMistakes(rendition),
    ];
    for (const [option, message] of mistakes) addIssue({ code: 'custom', path: [option], message });
  });

/**
 * A rendition of an image. The recipe's id depends on the order of these fields, and on fields being absent unless they
 * are set. For the format `source`, the default quality depends on the upload's format.
 */
export const renditionSchema = renditionFields.transform((rendition) => {
  const {
    name,
    width,
    height,
    fit,
    format,
    quality,
    effort,
    enlarge,
    watermark,
    placeholder,
    icc,
    ...options
  } = rendition;
  const page = options.page === 1 ? undefined : options.page;
  const metadata = options.metadata && KEPT_METADATA.filter((kind) => options.metadata?.includes(kind));
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
    ...defined({ watermark, placeholder, metadata, page, icc }),
  };
});

/** An image's renditions, whose names must differ. */
export const imageRenditionsSchema = z
  .array(renditionSchema)
  .min(1)
  .max(20)
  .refine(
    (list) => new Set(list.map((r) => r.name)).size === list.length,
    'two renditions have the same name',
  );

export type Rendition = z.infer<typeof renditionSchema>;

/** Returns a format's file name extension; undefined for `source`, which depends on the upload. */
function imageExtension({ format }: Pick<Rendition, 'format'>): string | undefined {
  if (format === 'source') return undefined;
  return format === 'jpeg' ? 'jpg' : format;
}

/** Returns the file name extensions of renditions with a fixed format, by rendition name. */
export function imageExtensions(renditions: readonly Rendition[]): Record<string, string> {
  const extensions = renditions.flatMap((each) => {
    const extension = imageExtension(each);
    return extension === undefined ? [] : [[each.name, extension]];
  });
  // A rendition's name can be that of an inherited property, such as `constructor`.
  return Object.assign(Object.create(null), Object.fromEntries(extensions)) as Record<string, string>;
}
