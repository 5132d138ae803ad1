import type { MadeResult } from './conversion.ts';

/**
 * Returns the result of a rendition.
 * @param made what a conversion returned
 * @throws Error if the conversion left the rendition out, or made it twice
 */
export function requestedResult<Made extends Partial<MadeResult>>(
  made: readonly Made[],
  rendition: string,
): Made {
  const [result, ...more] = made.filter((each) => each.rendition === rendition);
  if (result !== undefined && more.length === 0) return result;
  const names = made.map((each) => each.rendition).join(', ') || 'nothing';
  throw new Error(`it was asked for the rendition ${rendition}, and made ${names}`);
}
