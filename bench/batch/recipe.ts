/** The renditions that every side makes of a photo. */
export const WIDTHS = [1600, 800, 320] as const;
export const FORMATS = { jpeg: 'JPEG', webp: 'WebP' } as const;
export type Format = keyof typeof FORMATS;

/** Quality and effort of the recipe and of the cascade. */
export const ENCODING = {
  jpeg: { quality: 80 },
  webp: { quality: 72, effort: 2 },
} as const satisfies Record<Format, object>;

export const nameOf = (width: number) => `w${width}`;

/** Returns a recipe with three renditions in a format, as JSON. */
export function recipeOf(format: Format): string {
  return JSON.stringify({
    renditions: WIDTHS.map((width) => ({
      name: nameOf(width),
      width,
      height: width,
      format,
      ...ENCODING[format],
    })),
  });
}
