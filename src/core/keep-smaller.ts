import { prescribed, type EncoderOptions } from './encoder-options.ts';

/** Options that change an image, wherever they are set. */
const CHANGING = ['rotate', 'trim', 'watermark'] as const;

type Options = EncoderOptions & { [Name in (typeof CHANGING)[number]]?: unknown } & {
  icc?: string | undefined;
};

/** Returns the options of a rendition with which an upload in a format is never kept as it is. */
export function notForKept(rendition: Options, format: string): string[] {
  const changing = CHANGING.filter((name) => rendition[name] !== undefined);
  // A kept upload has no profile.
  const attaching = rendition.icc === 'srgb' ? ['icc'] : [];
  return [...changing, ...attaching, ...prescribed(rendition, format)];
}

/** Returns the mistakes in a rendition that keeps uploads, each with the option's name. */
export function keepingMistakes(
  rendition: Options & { format: string },
): [option: string, message: string][] {
  if (rendition.keepSmaller !== true) return [];
  const message = 'leave it out, or keepSmaller: a kept upload is not changed';
  return notForKept(rendition, rendition.format).map((option) => [option, message]);
}
