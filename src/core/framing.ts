import * as z from 'zod';
import { POSITIONS } from './positions.ts';
import { stated } from './stated.ts';

/** How a rendition fills its box, as CSS `object-fit` and sharp name it. */
export const FITS = ['inside', 'outside', 'cover', 'fill', 'contain'] as const;

type Fit = (typeof FITS)[number];

const STRATEGIES = ['attention', 'entropy'] as const;

const part = z.number().min(0).max(1);

const isPosition = (name: string): name is keyof typeof POSITIONS => Object.hasOwn(POSITIONS, name);

const positionSchema = z.union(
  [
    z.enum([...(Object.keys(POSITIONS) as (keyof typeof POSITIONS)[]), ...STRATEGIES]),
    z.strictObject({ x: part, y: part }),
  ],
  `expected ${[...Object.keys(POSITIONS), ...STRATEGIES].join(', ')}, or the point that matters: {"x": 0.5, "y": 0.5} is the middle`,
);

/** Options that crop, extend, turn or sharpen an image before it is encoded. Absent unless the recipe sets them. */
export const framingFields = {
  position: positionSchema.optional(),
  background: z
    .string()
    .regex(/^#[\da-f]{6}$/i, 'expected a color such as #ffffff')
    .toLowerCase()
    .optional(),
  rotate: z.literal([90, 180, 270]).optional(),
  trim: z.int().min(0).max(255).optional(),
  sharpen: z.number().min(0.3).max(10).optional(),
  animated: z.boolean().optional(),
};

type FramingOption = keyof typeof framingFields;

export type Framing = z.infer<z.ZodObject<typeof framingFields>>;

/** Strategies that look for the part of the image to keep. */
export type Strategy = (typeof STRATEGIES)[number];

export function isStrategy(position: Framing['position']): position is Strategy {
  return typeof position === 'string' && !isPosition(position);
}

interface Framed extends Framing {
  format: string;
  fit: Fit;
  width?: number | undefined;
  height?: number | undefined;
}

const DEFAULTS = { position: 'center', animated: true } as const;

export function statedFraming(options: Framing): Framing {
  return stated(options, Object.keys(framingFields) as FramingOption[], DEFAULTS);
}

/** Returns what is wrong with the options of a rendition: each mistake with the option's name. */
export function framingMistakes(rendition: Framed): [option: keyof Framed, message: string][] {
  const { fit, format, width, height, position = 'center', animated = true } = rendition;
  const mistakes: [keyof Framed, string][] = [];
  const mistake = (option: keyof Framed, message: string) => void mistakes.push([option, message]);
  if (fit === 'contain' && (width === undefined || height === undefined))
    mistake('fit', 'contain needs both a width and a height');
  if (position !== 'center' && fit !== 'cover' && fit !== 'contain')
    mistake('position', `is for the fits cover and contain, and the fit is ${fit}`);
  else if (fit === 'contain' && (isStrategy(position) || typeof position === 'object'))
    mistake('position', 'the whole image is shown: choose a side or a corner, or the fit cover');
  const canBeAnimated = format === 'webp' || format === 'source';
  if (!animated && !canBeAnimated)
    mistake('animated', `is for webp and source, and ${format} is never animated: leave it out`);
  if (animated && canBeAnimated)
    for (const option of ['rotate', 'trim'] as const)
      if (rendition[option] !== undefined)
        mistake(option, 'is not for animations: add "animated": false, or choose a format without them');
  return mistakes;
}
