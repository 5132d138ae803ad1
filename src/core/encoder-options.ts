import * as z from 'zod';
import { stated } from './stated.ts';

/**
 * Qualities that are equal by SSIM on photos (B21 in docs/performance.md): the same number means something different to
 * each encoder. PNG does not use its quality, which is here because it is part of recipe ids.
 */
export const DEFAULT_QUALITY = { jpeg: 68, png: 72, webp: 72, avif: 54 } as const;

type OutputFormat = keyof typeof DEFAULT_QUALITY;

/** Encoder options, with sharp's names. A rendition has only those that the recipe sets. */
export const encoderFields = {
  progressive: z.boolean().optional(),
  mozjpeg: z.boolean().optional(),
  chromaSubsampling: z.enum(['4:2:0', '4:4:4']).optional(),
  lossless: z.literal([true, false, 'smaller', 'auto']).optional(),
  nearLossless: z.boolean().optional(),
  palette: z.boolean().optional(),
  /** A PNG palette has 1, 2, 4 or 8 bits per pixel. */
  colors: z.literal([2, 4, 16, 256]).optional(),
  compressionLevel: z.int().min(0).max(9).optional(),
  /** The stamp alone takes half a kilobyte. */
  maxBytes: z.int().min(1_000).optional(),
  keepSmaller: z.boolean().optional(),
};

export type EncoderOption = keyof typeof encoderFields;

/** The formats that support each option. With the format `source`, results in other formats ignore it. */
const FORMATS_WITH: Readonly<Record<EncoderOption, readonly OutputFormat[]>> = {
  progressive: ['jpeg', 'png'],
  mozjpeg: ['jpeg'],
  chromaSubsampling: ['jpeg', 'avif'],
  lossless: ['webp', 'avif'],
  nearLossless: ['webp'],
  palette: ['png'],
  colors: ['png'],
  compressionLevel: ['png'],
  maxBytes: ['jpeg', 'webp', 'avif'],
  keepSmaller: ['jpeg', 'png', 'webp', 'avif'],
};

/** Lists the formats that support an option, such as `jpeg and webp`. */
export function formatsWith(option: EncoderOption): string {
  return new Intl.ListFormat('en-GB').format(FORMATS_WITH[option]);
}

/** Default values. Setting one of them does not change a recipe's id. */
const DEFAULTS: Readonly<Partial<Record<EncoderOption, unknown>>> = {
  progressive: false,
  mozjpeg: false,
  chromaSubsampling: '4:2:0',
  lossless: false,
  nearLossless: false,
  palette: false,
  colors: 256,
  compressionLevel: 6,
  keepSmaller: false,
};

export type EncoderOptions = z.infer<z.ZodObject<typeof encoderFields>>;

interface Encoded extends EncoderOptions {
  format: OutputFormat | 'source';
  quality?: number | undefined;
}

/** Options that cannot be combined, by format. Error messages name the first of each pair. */
const CONFLICTS: readonly [first: keyof Encoded, second: EncoderOption, because: string][] = [
  ['quality', 'lossless', 'a lossless image has no quality'],
  ['nearLossless', 'lossless', 'an image is either lossless or near-lossless'],
  ['chromaSubsampling', 'lossless', 'a lossless image keeps all colors'],
  ['maxBytes', 'lossless', 'a lossless image has no quality that could be lowered'],
];

export function statedEncoderOptions(options: EncoderOptions): EncoderOptions {
  return stated(options, Object.keys(encoderFields) as EncoderOption[], DEFAULTS);
}

/** Options that ask for a particular encoding, not just for a small or a good one. */
const PRESCRIBING: readonly EncoderOption[] = [
  'progressive',
  'chromaSubsampling',
  'lossless',
  'nearLossless',
  'palette',
];

/** Returns the options that ask for a particular encoding in a format. An upload may have another. */
export function prescribed(options: EncoderOptions, format: string): EncoderOption[] {
  const given = statedEncoderOptions(options);
  return PRESCRIBING.filter((name) => {
    const isFor = (FORMATS_WITH[name] as readonly string[]).includes(format);
    // `smaller` and `auto` accept any encoding.
    return isFor && (given[name] === true || given[name] === '4:4:4');
  });
}

/** Returns a format's default quality; undefined if it has none, or if the upload's format decides. */
export function defaultQuality({ format, lossless = false, palette = false }: Encoded): number | undefined {
  return format === 'source' || lossless === true || palette ? undefined : DEFAULT_QUALITY[format];
}

/** Returns the mistakes in a rendition's options, each with the option's name. */
export function encoderMistakes(rendition: Encoded): [option: keyof Encoded, message: string][] {
  const { format, ...options } = rendition;
  // With the format `source`, each option applies to some of the results.
  if (format === 'source') return [];
  const given = statedEncoderOptions(options);
  const mistakes: [keyof Encoded, string][] = (Object.keys(given) as EncoderOption[])
    .filter((name) => !FORMATS_WITH[name].includes(format))
    .map((name) => [name, `is for ${formatsWith(name)}, and the format is ${format}`]);
  for (const [first, second, because] of CONFLICTS) {
    // With `smaller` and `auto`, the other options apply to the lossy encoding. Near-lossless is neither lossy nor lossless.
    const conflicts = first === 'nearLossless' ? given[second] !== undefined : given[second] === true;
    if (rendition[first] !== undefined && rendition[first] !== false && conflicts)
      mistakes.push([first, `leave it out, or ${second}: ${because}`]);
  }
  if (format === 'png' && given.palette === undefined) {
    if (given.colors !== undefined) mistakes.push(['colors', 'is for a palette: add "palette": true']);
    // Parsed recipes contain the default quality, which has no effect here.
    if (rendition.quality !== undefined && rendition.quality !== DEFAULT_QUALITY.png)
      mistakes.push(['quality', 'PNG is lossless without a palette: leave it out, or add "palette": true']);
  }
  return mistakes;
}
