import * as z from 'zod';
import { stated } from './stated.ts';

/**
 * Qualities that measure equal on photos (B21 in docs/performance.md): a number means something else to each encoder. PNG
 * has no use for its own, which stays because recipes are identified by it.
 */
export const DEFAULT_QUALITY = { jpeg: 68, png: 72, webp: 72, avif: 54 } as const;

type OutputFormat = keyof typeof DEFAULT_QUALITY;

/** Options of encoders, as sharp names them. A rendition has none of them unless it was given. */
export const encoderFields = {
  progressive: z.boolean().optional(),
  mozjpeg: z.boolean().optional(),
  chromaSubsampling: z.enum(['4:2:0', '4:4:4']).optional(),
  lossless: z.literal([true, false, 'smaller']).optional(),
  nearLossless: z.boolean().optional(),
  palette: z.boolean().optional(),
  /** Those of whole numbers of bits, which are all that a PNG can have. */
  colors: z.literal([2, 4, 16, 256]).optional(),
  compressionLevel: z.int().min(0).max(9).optional(),
};

export type EncoderOption = keyof typeof encoderFields;

/** The formats that have an option. With the format `source`, results in other formats do without it. */
export const FORMATS_WITH: Readonly<Record<EncoderOption, readonly OutputFormat[]>> = {
  progressive: ['jpeg', 'png'],
  mozjpeg: ['jpeg'],
  chromaSubsampling: ['jpeg', 'avif'],
  lossless: ['webp', 'avif'],
  nearLossless: ['webp'],
  palette: ['png'],
  colors: ['png'],
  compressionLevel: ['png'],
};

/** Values that an option has anyway. A recipe that states one has the id of a recipe without it. */
const DEFAULTS: Readonly<Partial<Record<EncoderOption, unknown>>> = {
  progressive: false,
  mozjpeg: false,
  chromaSubsampling: '4:2:0',
  lossless: false,
  nearLossless: false,
  palette: false,
  colors: 256,
  compressionLevel: 6,
};

export type EncoderOptions = z.infer<z.ZodObject<typeof encoderFields>>;

interface Encoded extends EncoderOptions {
  format: OutputFormat | 'source';
  quality?: number | undefined;
}

/** Options that cannot be combined, by the format; the first of the pair is named as the mistake. */
const CONFLICTS: readonly [first: keyof Encoded, second: EncoderOption, because: string][] = [
  ['quality', 'lossless', 'a lossless image has no quality'],
  ['nearLossless', 'lossless', 'an image is either lossless or near-lossless'],
  ['chromaSubsampling', 'lossless', 'a lossless image keeps all colors'],
];

export function statedEncoderOptions(options: EncoderOptions): EncoderOptions {
  return stated(options, Object.keys(encoderFields) as EncoderOption[], DEFAULTS);
}

/** Returns the quality of a rendition that states none; undefined if the format of its upload decides, or if it has none. */
export function defaultQuality({ format, lossless = false, palette = false }: Encoded): number | undefined {
  return format === 'source' || lossless === true || palette ? undefined : DEFAULT_QUALITY[format];
}

/** Returns what is wrong with the options of a rendition: each mistake with the option's name. */
export function encoderMistakes(rendition: Encoded): [option: keyof Encoded, message: string][] {
  const { format, ...options } = rendition;
  // With the format `source`, each option is for some of the results.
  if (format === 'source') return [];
  const given = statedEncoderOptions(options);
  const mistakes: [keyof Encoded, string][] = (Object.keys(given) as EncoderOption[])
    .filter((name) => !FORMATS_WITH[name].includes(format))
    .map((name) => [name, `is for ${FORMATS_WITH[name].join(' and ')}, and the format is ${format}`]);
  for (const [first, second, because] of CONFLICTS) {
    // With `smaller`, the other options are for the lossy encoding; near-lossless is neither.
    const conflicts = first === 'nearLossless' ? given[second] !== undefined : given[second] === true;
    if (rendition[first] !== undefined && rendition[first] !== false && conflicts)
      mistakes.push([first, `leave it out, or ${second}: ${because}`]);
  }
  if (format === 'png' && given.palette === undefined) {
    if (given.colors !== undefined) mistakes.push(['colors', 'is for a palette: add "palette": true']);
    // Recipes that were parsed before have this quality, which had no effect either.
    if (rendition.quality !== undefined && rendition.quality !== DEFAULT_QUALITY.png)
      mistakes.push(['quality', 'PNG is lossless without a palette: leave it out, or add "palette": true']);
  }
  return mistakes;
}
