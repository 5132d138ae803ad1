import * as z from 'zod';

/** A rendition's name, and the first part of its result's key where there are several. */
export const renditionNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'expected lower-case letters, digits, - and _, at most 63 characters');

/** Formats a rendition can ask for; `source` keeps the format of the upload. */
export const RENDITION_FORMATS = ['jpeg', 'png', 'webp', 'avif', 'source'] as const;

/** How a rendition fills its box, as CSS `object-fit` and sharp name it. */
export const FITS = ['inside', 'outside', 'cover', 'fill'] as const;

const dimension = z.int().min(1).max(65_535);

/** A rendition of an image. */
export const renditionSchema = z.strictObject({
  name: renditionNameSchema.describe(
    'Names the rendition; with several renditions it is the first part of the result key.',
  ),
  width: dimension.optional().describe('Width of the box in pixels; free when left out.'),
  height: dimension.optional().describe('Height of the box in pixels; free when left out.'),
  fit: z.enum(FITS).default('inside').describe('How the image fills its box.'),
  format: z.enum(RENDITION_FORMATS).default('webp').describe('Format of the result.'),
  quality: z.int().min(1).max(100).default(72).describe('Quality of lossy formats, 1 to 100.'),
  effort: z
    .int()
    .min(0)
    .max(9)
    .default(2)
    .describe('Encoder effort, 0 (fast) to 9; capped at what the format knows.'),
  enlarge: z.boolean().default(false).describe('Whether a result may have more pixels than its source.'),
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
